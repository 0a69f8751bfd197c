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
  at::Tensor test;    // [M, P], for the loss on vectors never trained on
  DataReport report;  // of the images, by which training that goes on knows them
};

/// Trains the latent model of `trained`'s run in the folder `<run>/latent`, or goes on from its last
/// checkpoint, with the section `latent` of trained.config; otherwise like `run_training`. ConfigError when
/// the folder holds a latent model of other settings or of other weights of the run; Error
/// when another process trains in it; DataError for other images than it began with, fewer than two training
/// images, or an activation that is not finite.
TrainingOutcome run_latent_training(const TrainedModel& trained, const LatentData& data,
                                    const std::string& command_line);

}  // namespace patronus
