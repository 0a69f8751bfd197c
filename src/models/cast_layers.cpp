#include "patronus/models/cast_layers.h"

#include <ATen/Functions.h>
#include <ATen/autocast_mode.h>
#include <ATen/core/grad_mode.h>

#include <variant>

namespace patronus {

const at::Tensor& CastParameter::of(const at::Tensor& parameter) {
  if (!parameter.defined() || at::GradMode::is_enabled()) return parameter;
  const auto device = parameter.device().type();
  if (!at::autocast::is_autocast_enabled(device) ||
      at::autocast::get_autocast_dtype(device) != at::kBFloat16) {
    return parameter;
  }
  const auto version = static_cast<int64_t>(parameter._version());
  if (data_ != parameter.const_data_ptr() || version_ != version) {
    cast_ = parameter.detach().to(at::kBFloat16);
    data_ = parameter.const_data_ptr();
    version_ = version;
  }
  return cast_;
}

at::Tensor Conv2dImpl::forward(const at::Tensor& x) {
  return convolve(x, cast_bias_.of(bias));
}

at::Tensor Conv2dImpl::without_bias(const at::Tensor& x) {
  return convolve(x, {});
}

at::Tensor Conv2dImpl::convolve(const at::Tensor& x, const at::Tensor& bias_or_none) {
  const auto& padding = std::get<torch::ExpandingArray<2>>(options.padding());
  return at::conv2d(x, cast_weight_.of(weight), bias_or_none, options.stride(), padding, options.dilation(),
                    options.groups());
}

at::Tensor LinearImpl::forward(const at::Tensor& x) {
  return at::linear(x, cast_weight_.of(weight), cast_bias_.of(bias));
}

}  // namespace patronus
