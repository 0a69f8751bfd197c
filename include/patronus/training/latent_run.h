#pragma once
#include <ATen/core/Tensor.h>

#include <string>

#include "patronus/data/data_report.h"
#include "patronus/run/trained_model.h"
#include "patronus/training/training_loop.h"

namespace patronus {

/// Activations of a run's images, float32 on the CPU.
struct LatentData {
  at::Tensor train;   // [N, P]
  at::Tensor test;    // [M, P], for the loss on held-out vectors
  DataReport report;  // of the images; a resumed training checks it
};

/// Trains the latent model of `trained`'s run in the folder `<run>/latent`, or resumes from its last
/// checkpoint, with the section `latent` of trained.config; otherwise like `run_training`. Throws ConfigError
/// if the folder has a latent model with other settings or for other weights of the run; Error if another
/// process trains there; DataError if the images have changed, for fewer than two training images, or for
/// activations that are not finite.
TrainingOutcome run_latent_training(const TrainedModel& trained, const LatentData& data,
                                    const std::string& command_line);

}  // namespace patronus
