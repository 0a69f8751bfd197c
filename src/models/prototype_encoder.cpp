#include "patronus/models/prototype_encoder.h"

#include <ATen/Functions.h>
#include <ATen/TensorOperators.h>
#include <c10/core/GradMode.h>
#include <torch/nn/modules/activation.h>
#include <torch/nn/modules/conv.h>

#include <array>
#include <cmath>
#include <string>

#include "patronus/core/device.h"
#include "patronus/core/error.h"

namespace patronus {
namespace {

/// Draws a row number with probability proportional to `weights` [N], or uniformly if all are 0.
int64_t draw_row(const at::Tensor& weights, at::Generator generator) {
  auto cumulative = weights.to(at::kCPU, at::kDouble).cumsum(0);
  if (cumulative[-1].item<double>() <= 0) cumulative = at::ones_like(cumulative).cumsum(0);
  const auto u = at::rand({1}, generator, at::kDouble) * cumulative[-1];
  const auto row = at::searchsorted(cumulative, u, /*out_int32=*/false, /*right=*/true).item<int64_t>();
  return std::min(row, weights.size(0) - 1);
}

/// Squared distance [N] of every row of `points` [N, D] to `point` [D]; in parts, as all differences at once
/// may take gigabytes.
at::Tensor distances_to(const at::Tensor& point, const at::Tensor& points) {
  constexpr int64_t kRows = 16384;
  const auto distances = at::empty({points.size(0)}, points.options());
  for (int64_t first = 0; first < points.size(0); first += kRows) {
    const auto part = [&](const at::Tensor& all) { return all.slice(0, first, first + kRows); };
    part(distances).copy_((part(points) - point).square_().sum(1));
  }
  return distances;
}

/// Rows [count, D] of `points` [N, D], chosen by k-means++ seeding.
at::Tensor spread_out_rows(const at::Tensor& points, int64_t count, at::Generator generator) {
  std::vector<at::Tensor> chosen;
  auto nearest = at::ones({points.size(0)}, points.options());
  for (int64_t i = 0; i < count; ++i) {
    chosen.push_back(points[draw_row(nearest, generator)]);
    const auto distance = distances_to(chosen.back(), points);
    nearest = i == 0 ? distance : at::minimum(nearest, distance);
  }
  return at::stack(chosen);
}

void check_length(const std::string& key, const std::vector<int64_t>& list, size_t layers) {
  if (list.size() == layers) return;
  throw ConfigError("model.encoder." + key + ": " + std::to_string(list.size()) +
                    " entries, but model.encoder.channels has " + std::to_string(layers) +
                    "; give one entry a convolution in each list");
}

}  // namespace

void EncoderConfig::validate() const {
  if (channels.empty()) throw ConfigError("model.encoder.channels: is empty; give one entry a convolution");
  check_length("kernels", kernels, channels.size());
  check_length("strides", strides, channels.size());
  check_length("paddings", paddings, channels.size());
  for (size_t i = 0; i < channels.size(); ++i) {
    if (paddings[i] < kernels[i]) continue;
    throw ConfigError("model.encoder.paddings: convolution " + std::to_string(i + 1) + " pads " +
                      std::to_string(paddings[i]) + " around a kernel of " + std::to_string(kernels[i]) +
                      "; expected less than the kernel");
  }
}

std::vector<ConvGeometry> EncoderConfig::geometry() const {
  validate();
  std::vector<ConvGeometry> stack;
  for (size_t i = 0; i < channels.size(); ++i) stack.push_back({kernels[i], strides[i], paddings[i]});
  return stack;
}

PrototypeEncoderImpl::PrototypeEncoderImpl(int64_t image_channels, int64_t image_size, EncoderConfig encoder,
                                           PrototypeConfig prototypes)
    : config_(std::move(prototypes)), field_(patronus::receptive_field(encoder.geometry(), image_size)) {
  const std::array<int64_t, 4> shape{config_.count, encoder.channels.back(), 1, 1};
  prototypes_ = register_parameter("prototype_vectors", at::rand(shape));
  ones_ = register_parameter("ones", at::ones(shape), /*requires_grad=*/false);
  const auto stack = register_module("encoder", std::make_shared<torch::nn::Module>("ConvStack"));
  features_ = stack->register_module("features", torch::nn::Sequential());
  int64_t channels = image_channels;
  for (size_t i = 0; i < encoder.channels.size(); ++i) {
    features_->push_back(
        torch::nn::Conv2d(torch::nn::Conv2dOptions(channels, encoder.channels[i], encoder.kernels[i])
                              .stride(encoder.strides[i])
                              .padding(encoder.paddings[i])));
    features_->push_back(torch::nn::ReLU());
    channels = encoder.channels[i];
  }
  initialize();
}

void PrototypeEncoderImpl::initialize() {
  const c10::NoGradGuard no_grad;
  torch::nn::Conv2dImpl* last = nullptr;
  for (const auto& layer : *features_) {
    auto* conv = layer.ptr()->as<torch::nn::Conv2d>();
    if (conv == nullptr) continue;
    conv->weight.normal_(0, 0.1);
    last = conv;
  }
  // With inverse_sqrt, this scales features and prototypes alike so that squared distances are near 1, where
  // the logarithm is sensitive.
  const double size = static_cast<double>(prototypes_.size(1));
  const double scale =
      config_.scale_factor * (config_.scale == WeightScale::kInverseSqrt ? 1 / std::sqrt(size) : 1);
  last->weight.mul_(scale);
  last->bias.mul_(scale);
  prototypes_.mul_(scale);
}

PrototypeMatch PrototypeEncoderImpl::forward(const at::Tensor& images) {
  return match(features(images));
}

PrototypeMatch PrototypeEncoderImpl::match(const at::Tensor& features) const {
  const PrecisionGuard fp32(features.device().type(), Precision::kFloat32);
  const auto map = features.flatten(2);  // [B, D, N]
  at::Tensor patch;
  {
    const c10::NoGradGuard no_grad;
    patch = std::get<1>(distances(map.unsqueeze(-1)).flatten(2).min(/*dim=*/2));
  }
  const auto best = map.gather(2, patch.unsqueeze(1).expand({-1, map.size(1), -1}));  // [B, D, P]
  const auto distance = (best - prototypes_.flatten(1).t()).square().sum(1);
  return {.activation = with_fixed(activation(distance)), .distance = distance, .patch = patch};
}

at::Tensor PrototypeEncoderImpl::features(const at::Tensor& images) {
  const PrecisionGuard fp32(images.device().type(), Precision::kFloat32);
  return features_->forward(images.to(at::kFloat));
}

at::Tensor PrototypeEncoderImpl::distances(const at::Tensor& features) const {
  const PrecisionGuard fp32(features.device().type(), Precision::kFloat32);
  const auto squared_patch = features.square().sum(1, /*keepdim=*/true);
  const auto squared_prototype = prototypes_.square().sum(1).unsqueeze(0);  // [1, P, 1, 1]
  return (squared_patch - 2 * at::conv2d(features, prototypes_) + squared_prototype).relu();
}

at::Tensor PrototypeEncoderImpl::activation(const at::Tensor& distances) const {
  if (config_.activation == ActivationKind::kLinear) return -distances;
  return ((distances + 1) / (distances + 1e-4)).log();
}

void PrototypeEncoderImpl::fix_activations(const at::Tensor& prototypes, const at::Tensor& values) {
  fixed_prototypes_ = prototypes;
  fixed_values_ = values;
}

at::Tensor PrototypeEncoderImpl::with_fixed(const at::Tensor& activations) const {
  if (!fixed_prototypes_.defined()) return activations;
  return activations.index_copy(1, fixed_prototypes_, fixed_values_.expand({activations.size(0), -1}));
}

void PrototypeEncoderImpl::initialize_prototypes(const at::Tensor& images, at::Generator generator) {
  const c10::NoGradGuard no_grad;
  const auto points =
      at::empty({images.size(0), field_.cells, field_.cells, prototypes_.size(1)}, prototypes_.options());
  int64_t first = 0;
  for (const auto& batch : encoder_batches(images)) {
    points.narrow(0, first, batch.size(0)).copy_(features(batch).permute({0, 2, 3, 1}));
    first += batch.size(0);
  }
  const auto chosen = spread_out_rows(points.flatten(0, 2), prototypes_.size(0), generator);
  prototypes_.copy_(chosen.view_as(prototypes_));
}

std::vector<at::Tensor> encoder_batches(const at::Tensor& images) {
  constexpr int64_t kBatch = 64;
  return images.tensor_split((images.size(0) + kBatch - 1) / kBatch);
}

}  // namespace patronus
