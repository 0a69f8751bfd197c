#include "patronus/analysis/unconditional_samples.h"

#include <ATen/Functions.h>

#include <algorithm>

#include "patronus/core/error.h"
#include "patronus/core/progress.h"
#include "patronus/core/random.h"

namespace patronus {

namespace {

void check_range(const LatentRange& range) {
  if (range.first >= 0 && range.count >= 1) return;
  throw ConfigError(
      c10::str("first ", range.first, ", count ", range.count, ": expected at least 0 and at least 1"));
}

}  // namespace

at::Tensor sample_activations(const TrainedModel& trained, const LatentModel& latent,
                              const LatentRange& range) {
  constexpr int64_t kBatch = 256;
  check_range(range);
  const int64_t end = range.first + range.count;
  Progress progress("drawing activations", range.count, "vectors");
  std::vector<at::Tensor> activations;
  for (int64_t start = range.first; start < end; start += kBatch) {
    const auto seeds = image_seeds(trained.config.seed, "latent", start, std::min(kBatch, end - start));
    activations.push_back(sample_latents(latent.prior, seeds, latent.sampling).cpu());
    progress.advance(std::ssize(seeds));
  }
  return at::cat(activations);
}

ConditionedSamples sample_unconditional(TrainedModel& trained, const LatentModel& latent,
                                        const LatentRange& range, const ConditionedSamplesOptions& options) {
  ConditionedSamplesOptions sampling = options;
  sampling.first = range.first;
  return sample_conditioned(trained, sample_activations(trained, latent, range), sampling);
}

ConditionedSamples sample_unconditional(TrainedModel& trained, const LatentRange& range,
                                        const ConditionedSamplesOptions& options) {
  check_range(range);
  if (options.noise == NoiseChoice::kFixed) {
    throw ConfigError(
        "fixed noise: without a condition all images would be the same; draw with random noise");
  }
  ConditionedSamplesOptions sampling = options;
  sampling.first = range.first;
  return sample_conditioned(trained, at::zeros({range.count, 0}), sampling);
}

}  // namespace patronus
