#include "patronus/analysis/image_features.h"

#include <ATen/Functions.h>
#include <ATen/TensorOperators.h>
#include <c10/core/GradMode.h>

#include <algorithm>

#include "patronus/analysis/fid_files.h"
#include "patronus/core/error.h"
#include "patronus/core/math.h"
#include "patronus/core/random.h"
#include "patronus/data/preprocess.h"
#include "patronus/io/file_crc.h"
#include "patronus/run/trained_model.h"

namespace patronus {
namespace {

ImageFeatures inception_features(const std::string& path, int64_t dimensions, at::Device device) {
  if (std::find(kInceptionDimensions.begin(), kInceptionDimensions.end(), dimensions) ==
      kInceptionDimensions.end()) {
    throw ConfigError("dimensions " + std::to_string(dimensions) + ": expected 64, 192, 768 or 2048");
  }
  Inception network = read_inception(path);
  network->to(device);
  return {.of =
              [=](const at::Tensor& pixels) mutable {
                constexpr int64_t kBatch = 16;  // larger ones are slower on a processor
                std::vector<at::Tensor> features;
                for (const auto& part : pixels.split(kBatch)) {
                  features.push_back(network->forward(part.to(device), dimensions).cpu());
                }
                return at::cat(features);
              },
          .dimensions = dimensions,
          .name = "inception",
          .protocol = "FID Inception, " + std::to_string(dimensions) + " dimensions, weights crc32 " +
                      file_crc32(path) + ", images rounded to 8 bits, bilinear resize to 299 x 299",
          .is_fid = dimensions == kInceptionDimensions.back()};
}

/// Channels of an encoder's feature map, each its mean over the image. Pictures become of the encoder's kind
/// and, with `size` above 0, of its size.
ImageFeatures stack_features(PrototypeEncoder encoder, int64_t channels, int64_t size) {
  const at::Device device = encoder->prototypes().device();
  return {.of =
              [=](const at::Tensor& pixels) mutable {
                const c10::NoGradGuard no_grad;
                std::vector<at::Tensor> images;
                for (const auto& picture : pixels.cpu().unbind(0)) {
                  const auto wanted = with_channels(picture, channels);
                  images.push_back(preprocess(wanted, size > 0 ? size : picture.size(2)));
                }
                return encoder->features(at::stack(images).to(device)).mean({2, 3}).cpu();
              },
          .dimensions = encoder->prototypes().size(1),
          .name = {},
          .protocol = {},
          .is_fid = false};
}

ImageFeatures encoder_features(const std::string& path, at::Device device) {
  const TrainedModel trained =
      load_trained_model(path, Weights::kAuto, {"runtime.device=" + c10::str(device)});
  const DataConfig& data = trained.config.data;
  ImageFeatures features = stack_features(trained.model.encoder, data.channels, data.size);
  features.name = "encoder";
  features.protocol = "mean feature map of the encoder of a checkpoint, crc32 " + file_crc32(path) + ", " +
                      trained.weights + " weights of step " + std::to_string(trained.step) +
                      ", images rounded to 8 bits, bicubic resize to " + std::to_string(data.size) + " x " +
                      std::to_string(data.size);
  return features;
}

ImageFeatures random_features(at::Device device) {
  constexpr int64_t kChannels = 3, kImageSize = 32;
  seed_default_generators(derive_seed(0, "random features"));
  PrototypeEncoder encoder(kChannels, kImageSize, EncoderConfig{}, PrototypeConfig{.count = 1});
  encoder->to(device);
  ImageFeatures features = stack_features(encoder, kChannels, 0);
  features.name = "random";
  features.protocol =
      "mean feature map of a fixed convolution stack with random weights, images rounded to 8 bits";
  return features;
}

}  // namespace

ImageFeatures image_features(const std::string& specification, int64_t dimensions, at::Device device) {
  const auto file_after = [&](const std::string& kind) { return specification.substr(kind.size()); };
  if (specification == "random") return random_features(device);
  if (specification.starts_with("encoder:")) return encoder_features(file_after("encoder:"), device);
  if (specification.starts_with("inception:")) {
    return inception_features(file_after("inception:"), dimensions, device);
  }
  if (specification.ends_with(".pth")) return inception_features(specification, dimensions, device);
  throw ConfigError(
      "features '" + specification +
      "': expected inception:FILE (weights of pytorch-fid's network), encoder:CHECKPOINT or random");
}

}  // namespace patronus
