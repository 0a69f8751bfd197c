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
#include "patronus/distributed/share_rows.h"
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
    return {features.of(to_pixels(images))};
  };
  return share_rows(generator.ranks, {label, "images", count, kChunk}, features_of).front();
}

/// The distance saved in `path` under this protocol; else null.
Json kept_distance(const std::filesystem::path& path, const Json& protocol) {
  if (!std::filesystem::exists(path)) return {};
  try {
    const Json json = read_json(path);
    if (!is_written_alike(json.at("protocol"), protocol)) return {};
    return distance_json(distance_from(json.at("distance")));
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
  const std::string own = ranks.is_first() ? kept_distance(path, protocol).dump() : "";
  const Json known = Json::parse(ranks.texts_of_all(label, own).front());
  return known.is_null() ? std::nullopt : std::optional(distance_from(known));
}

/// A set's order of all test images: int64 [images].
at::Tensor order_of_set(int64_t set, int64_t images, uint64_t seed) {
  return random_permutation(images, derive_seed(seed, "conditions", static_cast<uint64_t>(set)));
}

/// The real images with which a set is compared.
ImageSet real_images_of_set(const ImageSet& real, int64_t set, const GenerationOptions& options) {
  const int64_t count = real_images_per_set(real, options);
  if (count == real.statistics.count) return real;
  const auto order = order_of_set(set, real.features.size(0), options.seed);
  return image_set(real.name, real.features.index_select(0, order.slice(0, 0, count)));
}

}  // namespace

int64_t real_images_per_set(const ImageSet& real, const GenerationOptions& options) {
  const int64_t all = real.statistics.count, requested = options.real_images.value_or(options.set_images);
  return real.features.defined() && requested > 0 ? std::min(requested, all) : all;
}

at::Tensor condition_images(int64_t first, int64_t count, int64_t set_images, int64_t images, uint64_t seed) {
  std::vector<int64_t> chosen;
  at::Tensor order;
  int64_t set = -1;
  for (int64_t number = first; number < first + count; ++number) {
    if (number / set_images != set) {
      set = number / set_images;
      order = order_of_set(set, images, seed);
    }
    chosen.push_back(order[number % set_images % images].item<int64_t>());
  }
  return at::tensor(chosen);
}

ImageGenerator conditional_generator(TrainedModel& trained, const Dataset& test, int64_t set_images) {
  return {.name = "conditional",
          .protocol = model_text(trained) + ", activations of " + std::to_string(test.size()) +
                      " test images, fingerprint " + std::to_string(test.fingerprint()),
          .draw =
              [&trained, &test, set_images](int64_t first, int64_t count) {
                const auto chosen =
                    condition_images(first, count, set_images, test.size(), trained.config.seed);
                const auto activation = encode_activations(trained.model.encoder, test, chosen);
                return sample_conditioned(trained, activation,
                                          {.sampling = trained.config.sampling, .first = first})
                    .images;
              },
          .ranks = trained.ranks};
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

std::vector<SetDistance> evaluate_generation(const ImageGenerator& generator, const ImageSet& real,
                                             const ImageFeatures& features, const GenerationOptions& options,
                                             const std::filesystem::path& folder) {
  std::vector<SetDistance> distances;
  for (int64_t set = 0; set < options.sets; ++set) {
    const auto path = folder / (generator.name + "-" + std::to_string(set) + ".json");
    const Json protocol{{"images", generator.protocol},
                        {"features", features.protocol},
                        {"real", real.name},
                        {"real_images", real_images_per_set(real, options)},
                        {"real_fingerprint", real.fingerprint},
                        {"set_images", options.set_images},
                        {"set", set},
                        {"seed", options.seed}};
    const std::string label =
        generator.name + " set " + std::to_string(set + 1) + " of " + std::to_string(options.sets);
    if (const auto known = known_distance(path, protocol, generator.ranks, label)) {
      log_info(label + ": known from " + path.string());
      distances.push_back(*known);
      continue;
    }
    const ImageSet compared = real_images_of_set(real, set, options);
    const auto generated = image_set(
        label, generated_features(generator, features, set * options.set_images, options.set_images, label));
    distances.push_back(set_distance(compared, generated, static_cast<uint64_t>(set)));
    if (!generator.ranks.is_first()) continue;
    make_folder(folder);
    write_file(path, json_text(Json{{"protocol", protocol}, {"distance", distance_json(distances.back())}}));
  }
  return distances;
}

}  // namespace patronus
