#pragma once

#include "patronus/io/json_text.h"
#include "patronus/run/run_config.h"
#include "patronus/run/run_directory.h"

namespace patronus {

/// The main facts of a configuration for readers, as pairs of a name and a text.
Json config_facts(const RunConfig& config);

/// The latest metrics of the run's prototypes (models/prototype_health.h) by name; empty if there are none.
Json latest_health(const RunDirectory& run);

/// Charts of the metrics.jsonl of the run and of its latent model. Long curves are thinned, with a note.
Json metric_charts(const RunDirectory& run);

}  // namespace patronus
