#pragma once
#include "patronus/data/dataset.h"
#include "patronus/run/trained_model.h"

namespace patronus {

/// Moves the prototypes of a fresh model to where training begins with them: onto patches of 512 training
/// images (all where there are fewer) with `model.prototypes.init: data`, nowhere else with another. Images
/// and patches follow from the configuration's seed.
void choose_initial_prototypes(PatronusModel& model, const RunConfig& config, const Dataset& train);

/// A model like `trained` before training, by the seed of its training, in evaluation mode on its device;
/// `train`: the training images. Training began with it, but for a run with `training.from`, of which that is
/// said.
PatronusModel untrained_model(const TrainedModel& trained, const Dataset& train);

}  // namespace patronus
