#pragma once
#include "patronus/data/dataset.h"
#include "patronus/run/run_config.h"

namespace patronus {

/// Moves the prototypes of a fresh model to where training begins with them: onto patches of 512 training
/// images (all where there are fewer) with `model.prototypes.init: data`, nowhere else with another. Images
/// and patches follow from the configuration's seed.
void choose_initial_prototypes(PatronusModel& model, const RunConfig& config, const Dataset& train);

/// The model as training began with it, in evaluation mode on `device`.
PatronusModel untrained_model(const RunConfig& config, const Dataset& train, at::Device device);

}  // namespace patronus
