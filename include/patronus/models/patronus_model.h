#pragma once
#include <ATen/core/Tensor.h>

#include "patronus/core/describe.h"
#include "patronus/models/module_state.h"
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

/// Prototype encoder and conditional UNet together. Tensor names and their order are those of the reference's
/// checkpoints: the encoder's under `proactBlock.`, then the UNet's.
class PatronusModel {
 public:
  /// `zero_output`: start the UNet's output convolution at zero. `timesteps`: T of the diffusion. Initial
  /// weights come from the default generator. ConfigError where the networks do not fit the images.
  PatronusModel(int64_t image_channels, int64_t image_size, const ModelConfig& config, bool zero_output,
                int64_t timesteps = 1000);

  PrototypeEncoder encoder;
  UNet unet;

  /// Parameters that training changes (not `ones`, not the sinusoid table; the encoder's only where the UNet
  /// looks at activations), in the order of `state`.
  NamedTensors parameters() const;
  /// All parameters and buffers, in the order of the reference's state dict. They are the model's own
  /// tensors: what is written into them is written into the model.
  NamedTensors state() const;
  /// Copies values in (module_state.h); ConfigError when they do not fit.
  void load_state(const NamedTensors& values);

  void train(bool on = true);
  void eval() { train(false); }
  void to(at::Device device);
  /// Stores the UNet's convolution weights channels-last, the faster layout for them; values stay the same.
  void use_channels_last();
};

/// Numbers that training changes.
struct ParameterCounts {
  int64_t encoder = 0;  // prototypes included
  int64_t unet = 0;
};
ParameterCounts count_parameters(const PatronusModel& model);

}  // namespace patronus
