#pragma once
#include "patronus/analysis/conditioned_samples.h"
#include "patronus/run/latent_checkpoint.h"

namespace patronus {

/// Range of the latent model's vectors for one seed: numbers first .. first + count - 1.
struct LatentRange {
  int64_t first = 0;
  int64_t count = 1;
};

/// Samples activation vectors from the latent model: float32 [count, P] on the CPU. Vector i depends only on
/// the configuration's seed and i. Throws ConfigError for a negative `first` or a `count` below 1.
at::Tensor sample_activations(const TrainedModel& trained, const LatentModel& latent,
                              const LatentRange& range);

/// Samples images without a given condition: activation vectors from the latent model, then images from
/// random noise under them (paper 3.4). Images are numbered consecutively, options.per_condition per vector
/// (options.first is ignored), and depend only on the configuration's seed and their number, so that a set
/// can be sampled in parts.
ConditionedSamples sample_unconditional(TrainedModel& trained, const LatentModel& latent,
                                        const LatentRange& range, const ConditionedSamplesOptions& options);

/// Samples images from a model without condition (ConditionKind::kOff), which needs no vectors: `activation`
/// of the result has no columns. Throws ConfigError for fixed noise.
ConditionedSamples sample_unconditional(TrainedModel& trained, const LatentRange& range,
                                        const ConditionedSamplesOptions& options);

}  // namespace patronus
