#include "patronus/models/cast_layers.h"

#include <ATen/Functions.h>
#include <ATen/autocast_mode.h>
#include <ATen/core/grad_mode.h>

#include <utility>
#include <variant>

#include "models/winograd.h"

namespace patronus {

namespace {

bool is_bf16_autocast(at::DeviceType device) {
  return at::autocast::is_autocast_enabled(device) &&
         at::autocast::get_autocast_dtype(device) == at::kBFloat16;
}

/// The type to which autocast would cast the parameter.
at::ScalarType computing_type(const at::Tensor& parameter) {
  return is_bf16_autocast(parameter.device().type()) ? at::kBFloat16 : parameter.scalar_type();
}

at::Tensor concatenated(at::TensorList parameters, at::ScalarType type) {
  const auto all = parameters.size() == 1 ? parameters.front() : at::cat(parameters);
  return all.detach().to(type);
}

at::Tensor filters(at::TensorList weight, at::ScalarType images) {
  return winograd_filters(weight.front(), images);
}

}  // namespace

const at::Tensor& CachedTensor::of(at::TensorList parameters, at::ScalarType type,
                                   at::Tensor (*compute)(at::TensorList, at::ScalarType)) {
  std::vector<State> states;
  for (const auto& p : parameters) states.push_back({p.const_data_ptr(), static_cast<int64_t>(p._version())});
  if (states != states_ || type != type_) {
    cached_ = compute(parameters, type);
    states_ = std::move(states);
    type_ = type;
  }
  return cached_;
}

const at::Tensor& CachedCast::of(const at::Tensor& parameter) {
  const bool as_it_is =
      !parameter.defined() || at::GradMode::is_enabled() || !is_bf16_autocast(parameter.device().type());
  return as_it_is ? parameter : cast_.of(parameter, at::kBFloat16, concatenated);
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
  // Casts as autocast would; it intercepts only LibTorch's operators.
  const bool casts = x.is_cpu() && x.scalar_type() == at::kFloat && is_bf16_autocast(at::kCPU);
  const auto input = casts ? x.to(at::kBFloat16) : x;
  if (is_plain_3x3() && can_use_winograd(input, weight)) {
    const auto kept = at::GradMode::is_enabled() ? at::Tensor()
                                                 : winograd_filters_.of(weight, input.scalar_type(), filters);
    return winograd_convolution(input, weight, with_bias ? bias : at::Tensor(), kept);
  }
  const auto& padding = std::get<torch::ExpandingArray<2>>(options.padding());
  return at::conv2d(input, cast_weight_.of(weight), with_bias ? cast_bias_.of(bias) : at::Tensor(),
                    options.stride(), padding, options.dilation(), options.groups());
}

at::Tensor LinearImpl::forward(const at::Tensor& x) {
  return at::linear(x, cast_weight_.of(weight), cast_bias_.of(bias));
}

JointLinear::JointLinear(std::vector<Linear> layers) : layers_(std::move(layers)) {
  for (const auto& layer : layers_) sizes_.push_back(layer->weight.size(0));
}

std::vector<at::Tensor> JointLinear::operator()(const at::Tensor& x) {
  std::vector<at::Tensor> weights, biases, results;
  if (at::GradMode::is_enabled()) {
    for (auto& layer : layers_) results.push_back(layer(x));
    return results;
  }
  for (const auto& layer : layers_) {
    weights.push_back(layer->weight);
    biases.push_back(layer->bias);
  }
  const auto type = computing_type(weights.front());
  const size_t which = type == at::kBFloat16 ? 1 : 0;
  return at::linear(x, weight_[which].of(weights, type, concatenated),
                    bias_[which].of(biases, type, concatenated))
      .split_with_sizes(sizes_, 1);
}

}  // namespace patronus
