#include "patronus/evaluation/image_features.h"

#include <ATen/Functions.h>
#include <ATen/TensorOperators.h>
#include <c10/core/GradMode.h>

#include "patronus/core/contains.h"
#include "patronus/core/error.h"
#include "patronus/core/random.h"
#include "patronus/data/preprocess.h"
#include "patronus/evaluation/fid_files.h"
#include "patronus/io/file_hash.h"
#include "patronus/run/run_directory.h"
#include "patronus/run/trained_model.h"

namespace patronus {
namespace {

ImageFeatures inception_features(const std::string& path, int64_t dimensions, at::Device device) {
  if (!contains(kInceptionDimensions, dimensions)) {
    throw ConfigError("dimensions " + std::to_string(dimensions) + ": expected 64, 192, 768 or 2048");
  }
  check_hash_in_name(path);
  Inception network = read_inception(path);
  network->to(device);
  return {.extract =
              [=](const at::Tensor& pixels) mutable {
                const int64_t batch = device.is_cpu() ? 16 : pixels.size(0);  // larger ones are slower
                std::vector<at::Tensor> features;
                for (const auto& part : pixels.split(batch)) {
                  features.push_back(network->forward(part.to(device), dimensions).cpu());
                }
                return at::cat(features);
              },
          .dimensions = dimensions,
          .protocol = "FID Inception, " + std::to_string(dimensions) + " dimensions, weights " +
                      file_identity(path) + ", images rounded to 8 bits, bilinear resize to 299 x 299",
          .is_fid = dimensions == kInceptionDimensions.back()};
}

/// An encoder's feature map, averaged over each image, which is preprocessed according to `data`.
ImageFeatures stack_features(PrototypeEncoder encoder, const DataConfig& data, const std::string& of_what) {
  const at::Device device = encoder->prototypes().device();
  return {.extract =
              [=](const at::Tensor& pixels) mutable {
                const c10::NoGradGuard no_grad;
                std::vector<at::Tensor> images;
                for (const auto& picture : pixels.cpu().unbind(0)) {
                  const auto wanted = with_channels(picture, data.channels);
                  images.push_back(
                      preprocess(data.resize == Resize::kCrop ? centre_crop(wanted) : wanted, data.size));
                }
                return encoder->features(at::stack(images).to(device)).mean({2, 3}).cpu();
              },
          .dimensions = encoder->prototypes().size(1),
          .protocol = "mean feature map of " + of_what + ", images rounded to 8 bits, bicubic resize to " +
                      std::to_string(data.size) + " x " + std::to_string(data.size) + " (" +
                      to_string(data.resize) + ")",
          .is_fid = false};
}

/// Uses the last checkpoint of a run.
ImageFeatures encoder_features(const std::string& run_or_checkpoint, at::Device device) {
  const std::string path =
      RunDirectory(run_or_checkpoint).last_checkpoint().value_or(run_or_checkpoint).string();
  const TrainedModel trained = load_another_model(path, Weights::kAuto, device);
  return stack_features(trained.model.encoder, trained.config.data,
                        "the encoder of a checkpoint, " + file_identity(path) + ", " +
                            to_string(trained.weights) + " weights of step " + std::to_string(trained.step));
}

ImageFeatures random_features(at::Device device) {
  const DataConfig data;
  seed_default_generators(derive_seed(0, "random features"));
  PrototypeEncoder encoder(data.channels, data.size, EncoderConfig{}, PrototypeConfig{.count = 1});
  encoder->to(device);
  return stack_features(encoder, data, "a fixed convolution stack with random weights");
}

}  // namespace

ImageFeatures image_features(const std::string& specification, std::optional<int64_t> dimensions,
                             at::Device device) {
  const auto file_after = [&](const std::string& kind) { return specification.substr(kind.size()); };
  const auto inception = [&](const std::string& file) {
    return inception_features(file, dimensions.value_or(kInceptionDimensions.back()), device);
  };
  const auto all_of = [&](const ImageFeatures& features) {
    if (dimensions.value_or(features.dimensions) == features.dimensions) return features;
    throw ConfigError("features '" + specification + "': have " + std::to_string(features.dimensions) +
                      " dimensions; only Inception's can be chosen");
  };
  if (specification == "random") return all_of(random_features(device));
  if (specification.starts_with("encoder:")) return all_of(encoder_features(file_after("encoder:"), device));
  if (specification.starts_with("inception:")) return inception(file_after("inception:"));
  if (specification.ends_with(".pth")) return inception(specification);
  throw ConfigError(
      "features '" + specification +
      "': expected inception:FILE (weights of pytorch-fid's network), encoder:CHECKPOINT or random");
}

}  // namespace patronus
