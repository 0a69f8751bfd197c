#pragma once
#include <ATen/core/Tensor.h>

#include <filesystem>
#include <string>
#include <vector>

#include "patronus/run/trained_model.h"

namespace patronus {

/// The noise that images begin with: of its own for every image, or the same for every activation vector
/// (paper, Fig. 26), which shows what the vectors alone change.
enum class NoiseChoice { kRandom, kFixed };
inline std::vector<std::string> enum_names(NoiseChoice) {
  return {"random", "fixed"};
}

struct ConditionedSamplesOptions {
  SamplerSettings sampling;
  int64_t per_condition = 1;  // images for every activation vector
  NoiseChoice noise = NoiseChoice::kRandom;
  std::optional<int64_t> batch_size = {};  // images drawn at once; by default what suits the device
  int64_t first = 0;                       // number of the first image
};

/// Images drawn for given activation vectors.
struct ConditionedSamples {
  at::Tensor images;            // float32 [N * per_condition, C, S, S] on the CPU, in [-1, 1] up to overshoot
  at::Tensor activation;        // float32 [N * per_condition, P], disabled prototypes at their mean
  std::vector<uint64_t> seeds;  // of every image's noise
  int64_t first = 0;            // number of the first image
};

/// `activations`: float32 [N, P]. The images of one vector follow one another. Image number i depends on its
/// vector, the configuration's seed and i (fixed noise: i modulo `per_condition`), not on the batch size:
/// many images may be drawn in parts. ConfigError for sampler settings that do not fit.
ConditionedSamples sample_conditioned(TrainedModel& trained, const at::Tensor& activations,
                                      const ConditionedSamplesOptions& options);

/// Pictures on `samples.png`, at most.
inline constexpr int64_t kShownSamples = 64;

/// Where the activation vectors of samples come from.
struct SampleSources {
  std::vector<std::string> names;  // [N]
  // float32 [n, C, S, S] in [-1, 1], those that the first n vectors, kShownSamples or all, encode; undefined
  // where vectors are not of images.
  at::Tensor images = {};
};

/// Writes `images/00000.png` ... (by the images' numbers), `samples.png` (the first, each behind the image
/// that its vector is of), `samples.csv` (image, condition, seed) and `samples.pt` ({"images", "activation"})
/// into `folder`.
void write_conditioned_samples(const std::filesystem::path& folder, const TrainedModel& trained,
                               const ConditionedSamples& samples, const SampleSources& sources);

}  // namespace patronus
