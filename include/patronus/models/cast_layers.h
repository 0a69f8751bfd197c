#pragma once
#include <ATen/core/Tensor.h>
#include <torch/nn/modules/conv.h>
#include <torch/nn/modules/linear.h>
#include <torch/nn/pimpl.h>

#include <cstdint>
#include <vector>

namespace patronus {

/// A tensor computed from parameters and cached until one of them changes. Not thread-safe.
class CachedTensor {
 public:
  /// Returns `compute(parameters, type)`, cached; `compute` must be the same function at each call.
  const at::Tensor& of(at::TensorList parameters, at::ScalarType type,
                       at::Tensor (*compute)(at::TensorList, at::ScalarType));

 private:
  /// Address of a parameter and its version, which each in-place change increments.
  struct State {
    const void* data;
    int64_t version;
    bool operator==(const State&) const = default;
  };
  at::Tensor cached_;
  at::ScalarType type_ = at::ScalarType::Undefined;
  std::vector<State> states_;  // of the parameters of the cached tensor
};

/// A parameter cast as autocast would, cached until the parameter changes. Without gradients, autocast casts
/// every parameter to bf16 at each evaluation, which for one image takes longer than the computation itself.
class CachedCast {
 public:
  /// `parameter` in bf16 under bf16 autocast without gradients, else unchanged; undefined stays undefined.
  const at::Tensor& of(const at::Tensor& parameter);

 private:
  CachedTensor cast_;
};

/// LibTorch's 2-D convolution, [B, C, H, W] to [B, C', H', W'], with the same parameters and results, zero
/// padding, and parameters that are cast once (CachedCast). On CPUs, 3 x 3 convolutions over enough pixels of
/// channels-last images use Winograd's minimal filtering (Lavin and Gray 2016): in float32 with a quarter of
/// the products, and results within about 1e-5 of LibTorch's, relative to their deviation; in bfloat16, on
/// CPUs that are fast at it, with 4/9 of the products and 1.8 times the rounding error of a direct sum.
/// Without gradients the transformed filters are cached, at four times (bfloat16: nine tenths) of the
/// weight's memory.
class Conv2dImpl : public torch::nn::Conv2dImpl {
 public:
  using torch::nn::Conv2dImpl::Conv2dImpl;
  at::Tensor forward(const at::Tensor& x);
  /// The convolution without bias, for a bias that is added later with other terms.
  at::Tensor without_bias(const at::Tensor& x);

 private:
  at::Tensor convolve(const at::Tensor& x, bool with_bias);

  /// Whether it is 3 x 3, keeps the size, and has no groups.
  bool is_plain_3x3() const;

  CachedCast cast_weight_, cast_bias_;
  CachedTensor winograd_filters_;
};
TORCH_MODULE(Conv2d);

/// LibTorch's linear layer, [..., E] to [..., E'], with the same parameters and results, and parameters that
/// are cast once (CachedCast).
class LinearImpl : public torch::nn::LinearImpl {
 public:
  using torch::nn::LinearImpl::LinearImpl;
  at::Tensor forward(const at::Tensor& x);

 private:
  CachedCast cast_weight_, cast_bias_;
};
TORCH_MODULE(Linear);

/// Linear layers with a common input. Without gradients they are computed as one matrix product, which saves
/// the overhead of many small calls; with gradients, separately.
class JointLinear {
 public:
  /// `layers`: must have biases and the same number of inputs.
  explicit JointLinear(std::vector<Linear> layers = {});
  /// Results of all layers for `x` [B, E]: [B, E'] each, views of one tensor's columns.
  std::vector<at::Tensor> operator()(const at::Tensor& x);

 private:
  std::vector<Linear> layers_;
  std::vector<int64_t> sizes_;  // E' of each layer
  // Concatenated over layers, unchanged and in bf16; recorded work may refer to either.
  CachedTensor weight_[2], bias_[2];
};

}  // namespace patronus
