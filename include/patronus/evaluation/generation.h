#pragma once
#include <ATen/core/Tensor.h>

#include <cstdint>
#include <filesystem>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "patronus/data/dataset.h"
#include "patronus/evaluation/image_set.h"
#include "patronus/run/latent_checkpoint.h"
#include "patronus/run/trained_model.h"

namespace patronus {

/// Generates numbered images; a number always gives the same image.
struct ImageGenerator {
  std::string name;      // "conditional" or "unconditional"
  std::string protocol;  // weights, sampler, seed and source of activations
  // Draws images first .. first + count - 1: float32 [count, C, S, S] on the CPU.
  std::function<at::Tensor(int64_t first, int64_t count)> draw;
  ProcessGroup ranks = {};  // ranks that share the drawing
};

/// Test images (of `images`) from which generated images first .. first + count - 1 take their activations:
/// int64 [count]. Each set of `set_images` consecutive numbers goes through all test images in its own order,
/// repeatedly if there are too few.
at::Tensor condition_images(int64_t first, int64_t count, int64_t set_images, int64_t images, uint64_t seed);

/// Generates from the activations of `test` images (condition_images). Both arguments must outlive the
/// result.
ImageGenerator conditional_generator(TrainedModel& trained, const Dataset& test, int64_t set_images);

/// Generates from activations drawn by the latent model. Both arguments must outlive the result.
ImageGenerator unconditional_generator(TrainedModel& trained, const LatentModel& latent);

/// Generates from a model without condition, which must outlive the result.
ImageGenerator unconditional_generator(TrainedModel& trained);

struct GenerationOptions {
  int64_t sets = 5;            // n, number of sets
  int64_t set_images = 10000;  // m, images per set
  // Real images to compare each set with, drawn at random for it; 0: all. Default: m, as in the paper.
  std::optional<int64_t> real_images{};
  uint64_t seed = 0;  // seed of that draw; with condition_images' seed, these are the set's own test images
};

/// Number of real images that each set is compared with: all if `real` has no more than requested or only its
/// statistics are known; 0 if unknown.
int64_t real_images_per_set(const ImageSet& real, const GenerationOptions& options);

/// Computes the distances of n sets of m generated images from real ones (paper 4.3), set by set, keeping
/// only features in memory. Writes each result to `folder` at once: `conditional-0.json` ... Existing results
/// with the same protocol and real pictures are read instead, by all ranks if the first one finds them.
std::vector<SetDistance> evaluate_generation(const ImageGenerator& generator, const ImageSet& real,
                                             const ImageFeatures& features, const GenerationOptions& options,
                                             const std::filesystem::path& folder);

}  // namespace patronus
