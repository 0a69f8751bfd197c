#include "patronus/models/cast_layers.h"

#include <ATen/Functions.h>
#include <ATen/autocast_mode.h>
#include <ATen/core/grad_mode.h>

#include <variant>

#include "models/winograd.h"

namespace patronus {

namespace {

bool is_bf16_autocast(at::DeviceType device) {
  return at::autocast::is_autocast_enabled(device) &&
         at::autocast::get_autocast_dtype(device) == at::kBFloat16;
}

at::Tensor cast(const at::Tensor& parameter, at::ScalarType type) {
  return parameter.detach().to(type);
}

}  // namespace

const at::Tensor& KeptTensor::of(const at::Tensor& parameter, at::ScalarType type,
                                 at::Tensor (*compute)(const at::Tensor&, at::ScalarType)) {
  const auto version = static_cast<int64_t>(parameter._version());
  if (data_ != parameter.const_data_ptr() || version_ != version || type_ != type) {
    kept_ = compute(parameter, type);
    type_ = type;
    data_ = parameter.const_data_ptr();
    version_ = version;
  }
  return kept_;
}

const at::Tensor& CastParameter::of(const at::Tensor& parameter) {
  const bool as_it_is =
      !parameter.defined() || at::GradMode::is_enabled() || !is_bf16_autocast(parameter.device().type());
  return as_it_is ? parameter : cast_.of(parameter, at::kBFloat16, cast);
}

at::Tensor Conv2dImpl::forward(const at::Tensor& x) {
  return convolve(x, /*with_bias=*/true);
}

at::Tensor Conv2dImpl::without_bias(const at::Tensor& x) {
  return convolve(x, /*with_bias=*/false);
}

bool Conv2dImpl::is_plain_3x3() const {
  const auto is = [](const torch::ExpandingArray<2>& sizes, int64_t size) {
    return sizes->at(0) == size && sizes->at(1) == size;
  };
  return is(options.kernel_size(), 3) && is(options.stride(), 1) && is(options.dilation(), 1) &&
         is(std::get<torch::ExpandingArray<2>>(options.padding()), 1) && options.groups() == 1;
}

at::Tensor Conv2dImpl::convolve(const at::Tensor& x, bool with_bias) {
  // As autocast would, which sees LibTorch's operators alone.
  const bool casts = x.is_cpu() && x.scalar_type() == at::kFloat && is_bf16_autocast(at::kCPU);
  const auto input = casts ? x.to(at::kBFloat16) : x;
  if (is_plain_3x3() && takes_winograd(input, weight)) {
    const auto filters = at::GradMode::is_enabled()
                             ? at::Tensor()
                             : winograd_filters_.of(weight, input.scalar_type(), winograd_filters);
    return winograd_convolution(input, weight, with_bias ? bias : at::Tensor(), filters);
  }
  const auto& padding = std::get<torch::ExpandingArray<2>>(options.padding());
  return at::conv2d(input, cast_weight_.of(weight), with_bias ? cast_bias_.of(bias) : at::Tensor(),
                    options.stride(), padding, options.dilation(), options.groups());
}

at::Tensor LinearImpl::forward(const at::Tensor& x) {
  return at::linear(x, cast_weight_.of(weight), cast_bias_.of(bias));
}

}  // namespace patronus
