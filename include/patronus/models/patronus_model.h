#pragma once
#include <ATen/core/Tensor.h>

#include <string>
#include <utility>
#include <vector>

#include "patronus/core/describe.h"
#include "patronus/models/prototype_encoder.h"
#include "patronus/models/unet.h"

namespace patronus {

/// YAML section `model`.
struct ModelConfig {
  EncoderConfig encoder;
  PrototypeConfig prototypes;
  UNetConfig unet;

  void describe(Fields& field) {
    field.section("encoder", encoder);
    field.section("prototypes", prototypes);
    field.section("unet", unet);
  }
};

using NamedTensors = std::vector<std::pair<std::string, at::Tensor>>;

/// Prototype encoder and conditional UNet together. Tensor names and their order are those of the reference's
/// checkpoints: the encoder's under `proactBlock.`, then the UNet's.
class PatronusModel {
 public:
  /// `zero_output`: start the UNet's output convolution at zero. Initial weights come from the default generator.
  PatronusModel(int64_t image_channels, int64_t image_size, const ModelConfig& config, bool zero_output);

  PrototypeEncoder encoder;
  UNet unet;

  /// Parameters that training changes (not `ones`, not the sinusoid table).
  NamedTensors parameters() const;
  /// All parameters and buffers, in the order of the reference's state dict.
  NamedTensors state() const;
  /// Copies values in. Error naming tensor and both shapes when they do not fit; missing and unknown names are
  /// counted, the first three named.
  void load_state(const NamedTensors& values);

  void train(bool on = true);
  void eval() { train(false); }
  void to(at::Device device);
};

}  // namespace patronus
