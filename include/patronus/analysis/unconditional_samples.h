#pragma once
#include "patronus/analysis/conditioned_samples.h"
#include "patronus/run/latent_checkpoint.h"

namespace patronus {

/// Numbers first, first + 1, ... (count of them) of the vectors that a seed stands for.
struct LatentNumbers {
  int64_t first = 0;
  int64_t count = 1;
};

/// Activation vectors of the latent model: float32 [count, P] on the CPU. Vector number i depends on the
/// configuration's seed and i alone. ConfigError for numbers that there are none of.
at::Tensor sample_activations(const TrainedModel& trained, const LatentModel& latent,
                              const LatentNumbers& numbers);

/// Draws images without a condition: activation vectors from the latent model, then images from them with
/// random noise (paper 3.4). They are numbered through, options.per_condition to a vector (options.first is
/// not used), and depend on the configuration's seed and their number alone: many may be drawn in parts.
ConditionedSamples sample_unconditional(TrainedModel& trained, const LatentModel& latent,
                                        const LatentNumbers& numbers,
                                        const ConditionedSamplesOptions& options);

/// Draws images from a model that has no condition (ConditionKind::kOff) and needs no vectors: `activation`
/// of the result has no columns. ConfigError for fixed noise.
ConditionedSamples sample_unconditional(TrainedModel& trained, const LatentNumbers& numbers,
                                        const ConditionedSamplesOptions& options);

}  // namespace patronus
