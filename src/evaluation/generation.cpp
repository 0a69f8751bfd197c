#include "patronus/evaluation/generation.h"

#include <ATen/Functions.h>
#include <ATen/TensorOperators.h>

#include <algorithm>
#include <nlohmann/json.hpp>
#include <optional>

#include "evaluation/distance_json.h"
#include "patronus/analysis/encode.h"
#include "patronus/analysis/unconditional_samples.h"
#include "patronus/core/error.h"
#include "patronus/core/hash.h"
#include "patronus/core/log.h"
#include "patronus/core/pixels.h"
#include "patronus/core/random.h"
#include "patronus/core/text.h"
#include "patronus/distributed/batches_across_ranks.h"
#include "patronus/io/atomic_file.h"
#include "patronus/io/file_hash.h"
#include "patronus/io/json_text.h"
#include "patronus/io/make_folder.h"

namespace patronus {
namespace {

/// " at 0123456789abcdef", a hash of disabled prototypes' activations. These are means over training images
/// that may differ in the last bits, which float16 rounds away.
std::string disabled_text(const TrainedModel& trained) {
  if (trained.disabled.empty()) return "";
  const auto zeros = at::zeros({1, trained.config.model.prototypes.count}, at::TensorOptions(trained.device));
  const auto values = trained.model.encoder->with_fixed(zeros).to(at::kCPU, at::kHalf);
  return " at " + hexadecimal(hash_of(values));
}

std::string model_text(const TrainedModel& trained) {
  return weights_text(trained) + disabled_text(trained) + ", " + file_identity(trained.checkpoint) +
         ", images by " + sampler_text(trained.config.sampling, trained.schedule) + ", " +
         to_string(trained.precision) + ", seed " + std::to_string(trained.config.seed);
}

/// Features of images first ... first + count - 1.
at::Tensor generated_features(const ImageGenerator& generator, const ImageFeatures& features, int64_t first,
                              int64_t count, const std::string& label) {
  constexpr int64_t kChunk = 256;
  const auto features_of = [&](int64_t start, int64_t size) -> std::vector<at::Tensor> {
    const auto images = generator.draw(first + start, size);
    if (!images.isfinite().all().item<bool>()) {
      throw DataError(label + ": some of images " + std::to_string(first + start) + " to " +
                      std::to_string(first + start + size - 1) + " are not finite");
    }
    return {features.extract(to_pixels(images))};
  };
  return compute_batches_across_ranks(generator.ranks, {label, "images", count, kChunk}, features_of).front();
}

/// The distance saved in `path` under this protocol; else null, with a message if there is a file.
Json load_distance(const std::filesystem::path& path, const Json& protocol, const std::string& label) {
  if (!std::filesystem::exists(path)) return {};
  try {
    const Json json = read_json(path);
    if (equal_json_text(json.at("protocol"), protocol)) {
      distance_from_json(json.at("distance"));  // throws if it is damaged
      return json["distance"];
    }
    log_info(label + ": " + path.string() + " was measured with other settings; it is measured anew");
  } catch (const Error& damaged) {
    log_warning(std::string(damaged.what()) + "; it is made anew");
  } catch (const Json::exception&) {
    log_warning(path.string() + ": damaged; it is made anew");
  }
  return {};
}

/// The distance of set `label` that the first rank finds in `path`, for all ranks, which must agree.
std::optional<SetDistance> known_distance(const std::filesystem::path& path, const Json& protocol,
                                          const ProcessGroup& ranks, const std::string& label) {
  ranks.barrier();
  const std::string own = ranks.is_first() ? load_distance(path, protocol, label).dump() : "";
  const Json known = Json::parse(ranks.all_gather_texts(label, own).front());
  return known.is_null() ? std::nullopt : std::optional(distance_from_json(known));
}

/// A set's order of all images to draw from: int64 [images].
at::Tensor order_of_set(int64_t set, int64_t images, uint64_t seed) {
  return random_permutation(images, derive_seed(seed, "conditions", static_cast<uint64_t>(set)));
}

int64_t requested_images(int64_t all, const GenerationOptions& options) {
  const int64_t requested = options.real_images.value_or(options.set_images);
  return requested > 0 ? std::min(requested, all) : all;
}

/// The real images with which a set is compared.
ImageSet compared_with(const RealImages& real, int64_t set, const GenerationOptions& options) {
  const RealCounts counts = real_counts(real, options);
  const ImageSet& all = real.reference;
  if (counts.compared == all.statistics.count) return all;
  const int64_t first = real.kind == ReferenceKind::kOtherTestImages ? counts.conditions : 0;
  const auto order = order_of_set(set, all.features.size(0), options.seed);
  return image_set(all.name, all.features.index_select(0, order.narrow(0, first, counts.compared)));
}

/// What is nearest to a set's images: training images, or as many test images other than an image's source.
std::optional<TrainingNeighbours> neighbours_of(const ImageGenerator& generator, const at::Tensor& generated,
                                                int64_t first, const RealImages& real) {
  if (!real.train) return std::nullopt;
  const int64_t images = real.test.features.size(0), count = real.train->features.size(0);
  const auto held_out = draw_common_indices(images, count, "held out");
  at::Tensor sources;
  if (generator.sources) {
    const auto row = at::full({images}, -1, at::kLong).index_copy_(0, held_out, at::arange(count));
    sources = row.index_select(0, generator.sources(first, generated.size(0)));
  }
  return training_neighbours(generated, real.train->features, real.test.features.index_select(0, held_out),
                             sources);
}

Json set_protocol(const ImageGenerator& generator, const RealImages& real, const ImageFeatures& features,
                  const GenerationOptions& options, int64_t set) {
  const RealCounts counts = real_counts(real, options);
  return {{"images", generator.protocol},
          {"features", features.protocol},
          {"real", real.reference.name},
          {"real_images", counts.compared},
          {"real_fingerprint", real.reference.fingerprint},
          {"kind", to_string(real.kind)},
          {"condition_images", counts.conditions},
          {"training_images", real.train ? real.train->features.size(0) : 0},
          {"training_fingerprint", real.train ? real.train->fingerprint : 0},
          {"test_fingerprint", real.train ? real.test.fingerprint : 0},
          {"set_images", options.set_images},
          {"set", set},
          {"seed", options.seed}};
}

}  // namespace

RealCounts divide_test_images(int64_t images, const GenerationOptions& options) {
  const int64_t compared =
      std::min(requested_images(images, options), std::max(images - options.set_images, images / 2));
  return {.conditions = std::min(options.set_images, images - compared), .compared = compared};
}

Split default_reference(int64_t test_images, int64_t training_images, const GenerationOptions& options) {
  const int64_t in_test = divide_test_images(test_images, options).compared;
  const int64_t in_train = requested_images(training_images, options);
  const bool is_enough =
      options.real_images == 0 || 10 * in_test >= 9 * options.real_images.value_or(options.set_images);
  return is_enough || in_train <= in_test ? Split::kTest : Split::kTrain;
}

RealCounts real_counts(const RealImages& real, const GenerationOptions& options) {
  const int64_t test_images = real.test.statistics.count, all = real.reference.statistics.count;
  if (real.kind == ReferenceKind::kOtherTestImages) return divide_test_images(test_images, options);
  return {.conditions = std::min(options.set_images, test_images),
          .compared = real.reference.features.defined() ? requested_images(all, options) : all};
}

at::Tensor condition_images(int64_t first, int64_t count, int64_t set_images, int64_t conditions,
                            int64_t images, uint64_t seed) {
  std::vector<int64_t> chosen;
  at::Tensor order;
  int64_t set = -1;
  for (int64_t number = first; number < first + count; ++number) {
    if (number / set_images != set) {
      set = number / set_images;
      order = order_of_set(set, images, seed);
    }
    chosen.push_back(order[number % set_images % conditions].item<int64_t>());
  }
  return at::tensor(chosen);
}

ImageGenerator conditional_generator(TrainedModel& trained, const Dataset& test, int64_t set_images,
                                     int64_t conditions) {
  const auto chosen = [&trained, &test, set_images, conditions](int64_t first, int64_t count) {
    return condition_images(first, count, set_images, conditions, test.size(), trained.config.seed);
  };
  return {.name = "conditional",
          .protocol = model_text(trained) + ", activations of " + std::to_string(test.size()) +
                      " test images, fingerprint " + std::to_string(test.fingerprint()),
          .draw =
              [&trained, &test, chosen](int64_t first, int64_t count) {
                const auto activation = encode_activations(trained.model.encoder, test, chosen(first, count));
                return sample_conditioned(trained, activation,
                                          {.sampling = trained.config.sampling, .first = first})
                    .images;
              },
          .sources = chosen,
          .ranks = trained.ranks};
}

ImageGenerator real_generator(const TrainedModel& trained, const Dataset& test, int64_t conditions) {
  const auto chosen = [&test, conditions, seed = trained.config.seed](int64_t first, int64_t count) {
    return condition_images(first, count, conditions, conditions, test.size(), seed);
  };
  return {.name = "real",
          .protocol =
              std::to_string(test.size()) + " test images, fingerprint " + std::to_string(test.fingerprint()),
          .draw = [&test, chosen](int64_t first, int64_t count) { return test.images(chosen(first, count)); },
          .sources = chosen,
          .ranks = trained.ranks};
}

RealComparison comparison_of_real(const RealImages& real, const GenerationOptions& options) {
  RealComparison comparison{real, options};
  if (real.kind == ReferenceKind::kConditions) comparison.real.kind = ReferenceKind::kOtherTestImages;
  const RealCounts counts = real_counts(comparison.real, options);
  comparison.options.set_images = counts.conditions;
  comparison.options.real_images = counts.compared;
  return comparison;
}

ImageGenerator unconditional_generator(TrainedModel& trained, const LatentModel& latent) {
  return {.name = "unconditional",
          .protocol = model_text(trained) + ", activations of the latent model of step " +
                      std::to_string(latent.step) + ", " + file_identity(latent.checkpoint) + ", by " +
                      sampler_text(latent.sampling, latent.prior.schedule),
          .draw =
              [&trained, &latent](int64_t first, int64_t count) {
                return sample_unconditional(trained, latent, {.first = first, .count = count},
                                            {.sampling = trained.config.sampling})
                    .images;
              },
          .ranks = trained.ranks};
}

ImageGenerator unconditional_generator(TrainedModel& trained) {
  return {.name = "unconditional",
          .protocol = model_text(trained) + ", a model without condition",
          .draw =
              [&trained](int64_t first, int64_t count) {
                return sample_unconditional(trained, {.first = first, .count = count},
                                            {.sampling = trained.config.sampling})
                    .images;
              },
          .ranks = trained.ranks};
}

std::vector<SetDistance> evaluate_generation(const ImageGenerator& generator, const RealImages& real,
                                             const ImageFeatures& features, const GenerationOptions& options,
                                             const std::filesystem::path& folder) {
  std::vector<SetDistance> distances;
  for (int64_t set = 0; set < options.sets; ++set) {
    const auto path = folder / (generator.name + "-" + std::to_string(set) + ".json");
    const Json protocol = set_protocol(generator, real, features, options, set);
    const std::string label =
        generator.name + " set " + std::to_string(set + 1) + " of " + std::to_string(options.sets);
    if (const auto known = known_distance(path, protocol, generator.ranks, label)) {
      log_info(label + ": known from " + path.string());
      distances.push_back(*known);
      continue;
    }
    const int64_t first = set * options.set_images;
    const ImageSet compared = compared_with(real, set, options);
    const auto generated =
        image_set(label, generated_features(generator, features, first, options.set_images, label));
    distances.push_back(set_distance(compared, generated, static_cast<uint64_t>(set)));
    distances.back().neighbours = neighbours_of(generator, generated.features, first, real);
    if (!generator.ranks.is_first()) continue;
    make_folder(folder);
    write_file(path, json_text(Json{{"protocol", protocol}, {"distance", distance_json(distances.back())}}));
  }
  return distances;
}

}  // namespace patronus
