#pragma once
#include <ATen/core/Tensor.h>

#include "patronus/core/device.h"
#include "patronus/diffusion/objective.h"
#include "patronus/diffusion/schedule.h"
#include "patronus/distributed/process_group.h"
#include "patronus/models/losses.h"
#include "patronus/models/patronus_model.h"

namespace patronus {

/// Everything random about one step.
struct TrainingBatch {
  at::Tensor x0;     // [B, C, S, S] in [-1, 1]
  at::Tensor t;      // int64 [B], 0 .. T-1
  at::Tensor noise;  // like x0
};

/// Draws timesteps and noise (and, with `flip`, mirrors images) from the default generator of the images'
/// device. `images`: this rank's share of the batch; each image gets what it would get in one process, whose
/// generator is then where this one's is.
TrainingBatch draw_training_batch(const at::Tensor& images, int64_t timesteps, bool flip,
                                  const ProcessGroup& group = {});

struct LossOptions {
  PredictionKind prediction = PredictionKind::kNoise;
  double distinct_weight = 0;
  double distinct_margin = 0.5;
  double decorrelation_weight = 0;
  int64_t micro_batches = 1;  // that the UNet works through a batch in
  Precision precision = Precision::kFloat32;
  ProcessGroup group = {};  // the ranks that share the batch
};

/// Scalars on the model's device.
struct Losses {
  at::Tensor total;
  at::Tensor denoising;      // mean squared error of the network's output (paper, eq. 5)
  at::Tensor distinct;       // undefined when its weight is 0
  at::Tensor decorrelation;  // likewise
};

/// The losses and their names in `metrics.jsonl`.
struct NamedLoss {
  const char* name;
  at::Tensor Losses::*loss;
};
inline constexpr NamedLoss kLosses[]{{"loss", &Losses::total},
                                     {"denoising_loss", &Losses::denoising},
                                     {"distinct_loss", &Losses::distinct},
                                     {"decorrelation_loss", &Losses::decorrelation}};

/// `f` of each loss that is defined.
template <class F>
Losses map_losses(const Losses& losses, const F& f) {
  Losses mapped;
  for (const auto& [name, loss] : kLosses) {
    if ((losses.*loss).defined()) mapped.*loss = f(losses.*loss);
  }
  return mapped;
}

/// The same scalars, without the graph that they were computed by: as long as that lives, a GPU can record no
/// other.
Losses without_graph(const Losses& losses);

/// What one optimiser step gives: scalars on the device, without the graph that they were computed by;
/// reading them waits for the step.
struct StepResult {
  Losses losses;
  at::Tensor gradient_norm;
};

/// Encodes x0, denoises x_t with those activations, and compares. Encoder and losses compute in fp32, the
/// UNet in `precision`. `decorrelation` is asked where its weight is not 0. Activations are standardised and
/// decorrelated over the images of all ranks; the rest is of this rank's images.
Losses training_losses(PatronusModel& model, const Schedule& schedule, const TrainingBatch& batch,
                       const LossOptions& options, DecorrelationPenalty* decorrelation = nullptr);

/// Computes the losses as `training_losses` does, and adds their derivatives to the gradients of the model's
/// parameters; the losses are given without their graph. The UNet works through `options.micro_batches` parts
/// of the batch one after the other, so that it never holds the activity of more than one; encoder,
/// standardisation and penalties see the whole batch. The number of parts changes nothing but the order of
/// summation and, where the UNet has it, the masks of dropout.
Losses backpropagate(PatronusModel& model, const Schedule& schedule, const TrainingBatch& batch,
                     const LossOptions& options, DecorrelationPenalty* decorrelation = nullptr);

}  // namespace patronus
