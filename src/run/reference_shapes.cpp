#include <algorithm>
#include <optional>

#include "patronus/core/error.h"
#include "patronus/run/reference_checkpoint.h"
#include "run/reference_config.h"

namespace patronus {
namespace {

/// Sizes of tensors by name.
class Shapes {
 public:
  explicit Shapes(const NamedTensors& model) : model_(model) {}

  const at::Tensor* find(const std::string& name) const {
    const auto found =
        std::find_if(model_.begin(), model_.end(), [&](const auto& item) { return item.first == name; });
    return found == model_.end() ? nullptr : &found->second;
  }

  int64_t size(const std::string& name, int64_t dimension) const {
    const auto* tensor = find(name);
    if (!tensor || tensor->dim() <= dimension)
      throw DataError("not a reference model: it has no tensor " + name);
    return tensor->size(dimension);
  }

 private:
  const NamedTensors& model_;
};

/// Convolutions are every other module of the stack; the ReLUs between them have no tensors.
EncoderConfig infer_encoder(const Shapes& shapes) {
  EncoderConfig encoder{.channels = {}, .kernels = {}, .strides = {}, .paddings = {}};
  for (int64_t module = 0;; module += 2) {
    const std::string name = "proactBlock.encoder.features." + std::to_string(module) + ".weight";
    if (!shapes.find(name)) return encoder;
    encoder.channels.push_back(shapes.size(name, 0));
    encoder.kernels.push_back(shapes.size(name, 2));
  }
}

/// In `encoder_blocks`, the residual blocks of a level are followed by a downsampling block.
UNetConfig infer_unet(const Shapes& shapes) {
  UNetConfig unet;
  unet.base_channels = std::max<int64_t>(1, shapes.size("first.weight", 0));
  unet.time_multiple = shapes.size("time_embeddings.time_blocks.1.weight", 0) / unet.base_channels;
  unet.multipliers = {0};
  unet.residual_blocks = 0;
  for (int64_t block = 0;; ++block) {
    const std::string prefix = "encoder_blocks." + std::to_string(block) + ".";
    if (shapes.find(prefix + "downsample.weight")) {
      unet.multipliers.push_back(0);
      continue;
    }
    if (!shapes.find(prefix + "conv_1.weight")) break;
    const auto level = std::ssize(unet.multipliers) - 1;
    unet.multipliers.back() = shapes.size(prefix + "conv_1.weight", 0) / unet.base_channels;
    unet.residual_blocks += level == 0;
    const bool attention = shapes.find(prefix + "attention.group_norm.weight");
    auto& levels = unet.attention_levels;
    if (attention && (levels.empty() || levels.back() != level)) levels.push_back(level);
  }
  return unet;
}

}  // namespace

RunConfig infer_reference_config(const NamedTensors& model) {
  const Shapes shapes(model);
  RunConfig config = reference_defaults();
  config.data.kind = DataKind::kImages;
  config.data.channels = shapes.size("first.weight", 1);
  config.data.size = 0;
  config.model.prototypes.count = shapes.size("proactBlock.prototype_vectors", 0);
  config.model.encoder = infer_encoder(shapes);
  config.model.unet = infer_unet(shapes);
  return config;
}

}  // namespace patronus
