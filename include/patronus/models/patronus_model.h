#pragma once
#include <ATen/core/Tensor.h>

#include "patronus/core/describe.h"
#include "patronus/models/module_state.h"
#include "patronus/models/prototype_encoder.h"
#include "patronus/models/unet.h"

namespace patronus {

/// Settings of the whole model; YAML section `model`.
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

/// Prototype encoder and conditional UNet. Tensor names and order are those of the reference's checkpoints:
/// first the encoder's, under `proactBlock.`, then the UNet's.
class PatronusModel {
 public:
  /// Creates a model with initial weights from the default generator. `zero_output`: initialise the UNet's
  /// output convolution to zero. `timesteps`: T of the diffusion. Throws ConfigError if the networks do not
  /// fit the images.
  PatronusModel(int64_t image_channels, int64_t image_size, const ModelConfig& config, bool zero_output,
                int64_t timesteps = 1000);

  PrototypeEncoder encoder;
  UNet unet;

  /// Trainable parameters in the order of `state`: without `ones` and the sinusoid table, and without the
  /// encoder's if the UNet does not use activations.
  NamedTensors parameters() const;
  /// All parameters and buffers in the order of the reference's state dict. The tensors are shared: writing
  /// into them changes the model.
  NamedTensors state() const;
  /// Copies values into the model (module_state.h). Throws ConfigError if they do not fit.
  void load_state(const NamedTensors& values);

  void train(bool on = true);
  void eval() { train(false); }
  void to(at::Device device);
};

/// Numbers of trainable parameters.
struct ParameterCounts {
  int64_t encoder = 0;  // including prototypes
  int64_t unet = 0;
};
ParameterCounts count_parameters(const PatronusModel& model);

}  // namespace patronus
