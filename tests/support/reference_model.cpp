#include "support/reference_model.h"

#include <ATen/Functions.h>
#include <ATen/TensorOperators.h>
#include <c10/core/GradMode.h>

#include <algorithm>

#include "support/parity.h"

namespace patronus::test {

EncoderConfig reference_encoder(const Dict& config, const std::string& prefix) {
  const auto channels = integers(config.at(prefix + "channels"));
  return {.channels = {channels.begin() + 1, channels.end()},
          .kernels = integers(config.at(prefix + "kernels")),
          .strides = integers(config.at(prefix + "strides")),
          .paddings = integers(config.at(prefix + "paddings"))};
}

PatronusModel reference_model(const Dict& config, const Dict* state_dict) {
  ModelConfig model;
  model.encoder = reference_encoder(config, "plb_");
  model.prototypes.count = config.at("num_proto").integer();
  model.unet.base_channels = config.at("base_channels").integer();
  model.unet.multipliers = integers(config.at("channel_mult"));
  model.unet.residual_blocks = config.at("num_res_blocks").integer();
  model.unet.time_multiple = config.at("time_multiple").integer();
  model.unet.dropout = 0;
  const auto attention = integers(config.at("apply_attention"));
  for (size_t level = 0; level < attention.size(); ++level) {
    if (attention[level] != 0) model.unet.attention_levels.push_back(static_cast<int64_t>(level));
  }
  PatronusModel result(config.at("input_channels").integer(), config.at("img_size").integer(), model, false);
  if (state_dict != nullptr) result.load_state(named_tensors(*state_dict));
  result.eval();
  return result;
}

at::Tensor activation_tolerance(const at::Tensor& distances, double distance_error) {
  return 1.5 * distance_error / (distances.detach() + 1e-4);
}

double distance_tolerance(const at::Tensor& features, const at::Tensor& prototypes) {
  return 1e-6 * (features.square().sum(1).max() + prototypes.square().sum(1).max()).item<double>();
}

void fill_by_formula(const NamedTensors& state, const Dict& file) {
  const c10::NoGradGuard no_grad;
  const Value* skipped = file.find("formula_skips");
  const auto skips = skipped ? texts(*skipped) : std::vector<std::string>();
  for (const auto& [name, tensor] : state) {
    if (!tensor.is_floating_point()) continue;  // counts of batches: 0
    if (std::find(skips.begin(), skips.end(), name) == skips.end()) {
      tensor.copy_(formula_tensor(name, tensor.sizes(),
                                  static_cast<uint64_t>(file.at("weight_seed").integer()),
                                  file.at("weight_gain").number()));
    }
    EXPECT_NEAR(tensor.flatten()[0].item<double>(), file.at("first_value").dict().at(name).number(), 1e-7)
        << name;
    const double rounding = 1e-9 * static_cast<double>(tensor.numel());
    EXPECT_NEAR(tensor.sum(at::kDouble).item<double>(), file.at("sum_f64").dict().at(name).number(), rounding)
        << name;
  }
}

}  // namespace patronus::test
