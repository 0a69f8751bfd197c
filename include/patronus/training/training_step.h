#pragma once
#include <ATen/core/Tensor.h>

#include "patronus/core/device.h"
#include "patronus/diffusion/noise_schedule.h"
#include "patronus/diffusion/objective.h"
#include "patronus/distributed/process_group.h"
#include "patronus/models/losses.h"
#include "patronus/models/patronus_model.h"

namespace patronus {

/// A training batch with all random numbers of the step.
struct TrainingBatch {
  at::Tensor x0;     // [B, C, S, S] in [-1, 1]
  at::Tensor t;      // int64 [B], 0 .. T-1
  at::Tensor noise;  // like x0
};

/// Draws timesteps and noise (and, with `flip`, mirrors images) from the default generator of the images'
/// device. `images`: this rank's share of the batch; each image gets the same values as in a single process,
/// and the generator ends in the same state.
TrainingBatch draw_training_batch(const at::Tensor& images, int64_t timesteps, bool flip,
                                  const ProcessGroup& group = {});

struct LossOptions {
  PredictionKind prediction = PredictionKind::kNoise;
  double distinct_weight = 0;
  double distinct_margin = 0.5;
  double decorrelation_weight = 0;
  int64_t micro_batches = 1;  // number of parts in which the UNet processes a batch
  Precision precision = Precision::kFloat32;
  ProcessGroup group = {};  // ranks that share the batch
};

/// Scalars on the model's device.
struct Losses {
  at::Tensor total;
  at::Tensor denoising;      // mean squared error of the network's output (paper, Eq. 5)
  at::Tensor distinct;       // undefined if its weight is 0
  at::Tensor decorrelation;  // undefined if its weight is 0
};

/// A loss and its name in `metrics.jsonl`.
struct NamedLoss {
  const char* name;
  at::Tensor Losses::*loss;
};
inline constexpr NamedLoss kLosses[]{{"loss", &Losses::total},
                                     {"denoising_loss", &Losses::denoising},
                                     {"distinct_loss", &Losses::distinct},
                                     {"decorrelation_loss", &Losses::decorrelation}};

/// Applies `f` to each defined loss.
template <class F>
Losses map_losses(const Losses& losses, const F& f) {
  Losses mapped;
  for (const auto& [name, loss] : kLosses) {
    if ((losses.*loss).defined()) mapped.*loss = f(losses.*loss);
  }
  return mapped;
}

/// Detaches the losses from their graph, which would prevent a GPU from recording another one while it
/// exists.
Losses detach_losses(const Losses& losses);

/// Result of an optimiser step: scalars on the device without their graph; reading them waits for the step.
struct StepResult {
  Losses losses;
  at::Tensor gradient_norm;
};

/// Encodes x0, denoises x_t under these activations, and computes the losses. Encoder and losses compute in
/// fp32, the UNet in `precision`. `decorrelation` is used if its weight is not 0. Activations are
/// standardised and decorrelated over the images of all ranks; all else uses this rank's images.
Losses training_losses(PatronusModel& model, const NoiseSchedule& schedule, const TrainingBatch& batch,
                       const LossOptions& options, DecorrelationPenalty* decorrelation = nullptr);

/// Computes the losses as `training_losses` does and adds their derivatives to the gradients of the model's
/// parameters; returns the losses without their graph. The UNet processes the batch in
/// `options.micro_batches` successive parts to limit activation memory to one part; encoder, standardisation
/// and penalties use the whole batch. The number of parts only changes the summation order and, with dropout
/// in the UNet, its masks.
Losses backpropagate(PatronusModel& model, const NoiseSchedule& schedule, const TrainingBatch& batch,
                     const LossOptions& options, DecorrelationPenalty* decorrelation = nullptr);

}  // namespace patronus
