#pragma once
#include <ATen/core/Tensor.h>

#include <cstdint>
#include <filesystem>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "patronus/core/named_enum.h"
#include "patronus/data/dataset.h"
#include "patronus/evaluation/image_set.h"
#include "patronus/run/latent_checkpoint.h"
#include "patronus/run/trained_model.h"

namespace patronus {

/// Generates numbered images; a number always gives the same image.
struct ImageGenerator {
  std::string name;      // "real", "conditional" or "unconditional"
  std::string protocol;  // weights, sampler, seed and source of activations
  // Draws images first .. first + count - 1: float32 [count, C, S, S] on the CPU.
  std::function<at::Tensor(int64_t first, int64_t count)> draw;
  // Test images that these are made from: int64 [count]. None: not of test images.
  std::function<at::Tensor(int64_t first, int64_t count)> sources = {};
  ProcessGroup ranks = {};  // ranks that share the drawing
};

struct GenerationOptions {
  int64_t sets = 5;            // n, number of sets
  int64_t set_images = 10000;  // m, images per set
  // Real images to compare each set with, drawn at random for it; 0: all. Default: m, as in the paper.
  std::optional<int64_t> real_images{};
  uint64_t seed = 0;  // seed of that draw, which must be the generators'
};

/// What sets are compared with.
enum class ReferenceKind {
  kOtherTestImages,  // test images that none of the set is made from
  kConditions,  // the test images that the set is made from, which makes it look too good: the paper's way
  kElsewhere    // images of another split, a folder, or statistics
};
inline std::vector<std::string> enum_names(ReferenceKind) {
  return {"other test images", "conditions", "elsewhere"};
}

/// Numbers of real images per set.
struct RealCounts {
  int64_t conditions = 0;  // test images that a set is made from; repeated if fewer than the set's
  int64_t compared = 0;    // images that it is compared with; 0: unknown
};

/// Divides `images` test images for a set: no image is in both parts. If there are too few for both, each has
/// half of them, or as many as it needs if that is less.
RealCounts divide_test_images(int64_t images, const GenerationOptions& options);

/// The split to compare with if none is asked for: the test split if what it has beside the conditions is at
/// least nine tenths of the requested number of images; else the training split, if that has more.
Split default_reference(int64_t test_images, int64_t training_images, const GenerationOptions& options);

/// Real pictures to compare sets with.
struct RealImages {
  ReferenceKind kind = ReferenceKind::kOtherTestImages;
  ImageSet reference = {};             // `test` unless kElsewhere
  ImageSet test = {};                  // all test images
  std::optional<ImageSet> train = {};  // training images to look for copies of, no more than test images
};

/// Real images per set.
RealCounts real_counts(const RealImages& real, const GenerationOptions& options);

/// Test images (of `images`) that generated images first .. first + count - 1 are made from: int64 [count].
/// Each set of `set_images` consecutive numbers goes through the first `conditions` test images in its own
/// order, repeatedly if these are too few.
at::Tensor condition_images(int64_t first, int64_t count, int64_t set_images, int64_t conditions,
                            int64_t images, uint64_t seed);

/// Generates from the activations of `conditions` of the `test` images per set (condition_images). Both
/// arguments must outlive the result.
ImageGenerator conditional_generator(TrainedModel& trained, const Dataset& test, int64_t set_images,
                                     int64_t conditions);

/// Generates from activations drawn by the latent model. Both arguments must outlive the result.
ImageGenerator unconditional_generator(TrainedModel& trained, const LatentModel& latent);

/// Generates from a model without condition, which must outlive the result.
ImageGenerator unconditional_generator(TrainedModel& trained);

/// "Generates" the test images themselves that sets of `conditions` images are made from: what a perfect
/// model would. `test` must outlive the result.
ImageGenerator real_generator(const TrainedModel& trained, const Dataset& test, int64_t conditions);

/// Options and reference for real_generator: each set is as large as the conditions of `options`, and
/// compared with what these are compared with, or, instead of with itself, with other test images.
struct RealComparison {
  RealImages real;
  GenerationOptions options;
};
RealComparison comparison_of_real(const RealImages& real, const GenerationOptions& options);

/// Computes the distances of n sets of m generated images from real ones (paper 4.3), set by set, keeping
/// only features in memory, and counts those that are nearest to training images if these are known. Writes
/// each result to `folder` at once: `conditional-0.json` ... Existing results with the same protocol and real
/// pictures are read instead, by all ranks if the first one finds them; others are replaced with a message.
/// Throws DataError if sets would be compared with fewer than two images.
std::vector<SetDistance> evaluate_generation(const ImageGenerator& generator, const RealImages& real,
                                             const ImageFeatures& features, const GenerationOptions& options,
                                             const std::filesystem::path& folder);

}  // namespace patronus
