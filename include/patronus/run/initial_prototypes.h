#pragma once
#include "patronus/data/dataset.h"
#include "patronus/run/trained_model.h"

namespace patronus {

/// Initialises the prototypes of a new model for training. `model.prototypes.init: data` places them on
/// patches of 512 training images (all if fewer), chosen with the configuration's seed; other values change
/// nothing.
void choose_initial_prototypes(PatronusModel& model, const RunConfig& config, const Dataset& train);

/// Recreates the untrained model from which `trained` was trained, with its training seed, in evaluation mode
/// on its device. `train`: the training images. For a run with `training.from`, which started from other
/// weights, a message says so.
PatronusModel untrained_model(const TrainedModel& trained, const Dataset& train);

}  // namespace patronus
