#pragma once
#include <string>
#include <vector>

#include "patronus/data/dataset.h"
#include "patronus/run/trained_model.h"

namespace patronus {

/// Disables `prototypes` (all if empty): fixes their activations at the mean over up to 2,000 images of
/// `real`, drawn with the configuration's seed, in encodings and in every condition, edited or sampled. The
/// weights do not change. Throws ConfigError for a prototype that the model does not have.
void disable_prototypes(TrainedModel& trained, const Dataset& real, const std::vector<int64_t>& prototypes);

}  // namespace patronus
