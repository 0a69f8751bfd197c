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

/// Generates images by number, always the same one under a number.
struct ImageGenerator {
  std::string name;      // "conditional" or "unconditional"
  std::string protocol;  // how they come about: weights, sampler, seed, source of activations
  // Images first, first + 1, ..., `count` of them: float32 [count, C, S, S] on the CPU.
  std::function<at::Tensor(int64_t first, int64_t count)> draw;
  ProcessGroup ranks = {};  // that share the drawing
};

/// Which of `images` test images the generated images first, first + 1, ... (count of them) take their
/// activations from: for each set, `set_images` numbers in a row, all test images in an order of its own, and
/// again from its start where there are fewer. int64 [count].
at::Tensor condition_images(int64_t first, int64_t count, int64_t set_images, int64_t images, uint64_t seed);

/// Generates from the activations of `test` images (condition_images). Both outlive the generator.
ImageGenerator conditional_generator(TrainedModel& trained, const Dataset& test, int64_t set_images);

/// Generates from activations that the latent model draws. Both outlive the generator.
ImageGenerator unconditional_generator(TrainedModel& trained, const LatentModel& latent);

/// Generates from a model that has no condition. It outlives the generator.
ImageGenerator unconditional_generator(TrainedModel& trained);

struct GenerationOptions {
  int64_t sets = 5;            // n
  int64_t set_images = 10000;  // m
  // Real images that every set is compared with, drawn at random for it; 0: all. Without: m, as in the paper.
  std::optional<int64_t> real_images{};
  uint64_t seed = 0;  // of their choice; that of condition_images makes them the set's own test images
};

/// Number of real images that every set is compared with: all where `real` has no more than asked for, or is
/// known by its statistics alone; 0 where their number is not known.
int64_t real_images_per_set(const ImageSet& real, const GenerationOptions& options);

/// The distances of n sets of m generated images from real ones (paper 4.3), one after the other; of a set
/// only the features are kept in memory. Each is written to `folder` when it is known: `conditional-0.json`
/// ...; a set that is there already, of the same protocol and real pictures, is read instead, by all ranks
/// where the first one finds it.
std::vector<SetDistance> evaluate_generation(const ImageGenerator& generator, const ImageSet& real,
                                             const ImageFeatures& features, const GenerationOptions& options,
                                             const std::filesystem::path& folder);

}  // namespace patronus
