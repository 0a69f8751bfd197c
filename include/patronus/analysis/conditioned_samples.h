#pragma once
#include <ATen/core/Tensor.h>

#include <filesystem>
#include <string>
#include <vector>

#include "patronus/run/trained_model.h"

namespace patronus {

/// Initial noise: different for every image, or the same for every activation vector (paper, Fig. 26), which
/// isolates the effect of the vectors.
enum class NoiseChoice { kRandom, kFixed };
inline std::vector<std::string> enum_names(NoiseChoice) {
  return {"random", "fixed"};
}

struct ConditionedSamplesOptions {
  SamplerSettings sampling;
  int64_t per_condition = 1;  // images per activation vector
  NoiseChoice noise = NoiseChoice::kRandom;
  std::optional<int64_t> batch_size = {};  // images sampled at once; default: chosen for the device
  // Number of the first vector. Images are numbered from 0 on, `per_condition` per vector.
  int64_t first = 0;
};

/// Images sampled under given activation vectors.
struct ConditionedSamples {
  at::Tensor images;            // float32 [N * per_condition, C, S, S] on the CPU; may overshoot [-1, 1]
  at::Tensor activation;        // float32 [N * per_condition, P]; disabled prototypes at their mean
  std::vector<uint64_t> seeds;  // [N * per_condition], seed of each image's noise
  int64_t first = 0;            // number of the first image
};

/// Samples `per_condition` images for each activation vector; those of one vector are adjacent.
/// `activations`: float32 [N, P]. Image number i depends only on its vector, the configuration's seed and i
/// (i modulo `per_condition` for fixed noise), so that a set can be sampled in parts. Throws ConfigError for
/// incompatible sampler settings.
ConditionedSamples sample_conditioned(TrainedModel& trained, const at::Tensor& activations,
                                      const ConditionedSamplesOptions& options);

/// Largest number of images in `samples.png`.
inline constexpr int64_t kShownSamples = 64;

/// Source of the activation vectors of samples.
struct SampleSources {
  std::vector<std::string> names;  // [N]
  // Source images of the first n vectors, float32 [n, C, S, S] in [-1, 1], n at most kShownSamples; undefined
  // if the vectors do not come from images.
  at::Tensor images = {};
};

/// Writes to `folder`: `images/00000.png` ... (by image number), `samples.png` (the first images, each after
/// its source image), `samples.csv` (image, condition, seed) and `samples.pt` ({"images", "activation"}).
void write_conditioned_samples(const std::filesystem::path& folder, const TrainedModel& trained,
                               const ConditionedSamples& samples, const SampleSources& sources);

}  // namespace patronus
