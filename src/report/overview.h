#pragma once

#include "patronus/io/json_text.h"
#include "patronus/run/run_config.h"
#include "patronus/run/run_directory.h"

namespace patronus {

/// What a reader wants to know of a configuration first, as pairs of a word and a text.
Json config_facts(const RunConfig& config);

/// The run's latest numbers on its prototypes (models/prototype_health.h), by name; empty where there are
/// none.
Json latest_health(const RunDirectory& run);

/// Charts of what metrics.jsonl holds, of the run and of its latent model; long curves are thinned, which a
/// note says.
Json metric_charts(const RunDirectory& run);

}  // namespace patronus
