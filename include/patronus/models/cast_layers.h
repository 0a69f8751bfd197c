#pragma once
#include <ATen/core/Tensor.h>
#include <torch/nn/modules/conv.h>
#include <torch/nn/modules/linear.h>
#include <torch/nn/pimpl.h>

#include <cstdint>
#include <vector>

namespace patronus {

/// What is computed from parameters, kept as long as none of them is changed. Not for several threads at
/// once.
class CachedTensor {
 public:
  /// `compute(parameters, type)`, the same function at each call, or what it gave before.
  const at::Tensor& of(at::TensorList parameters, at::ScalarType type,
                       at::Tensor (*compute)(at::TensorList, at::ScalarType));

 private:
  /// Where a parameter lies, and its version, which each change in place counts up.
  struct State {
    const void* data;
    int64_t version;
    bool operator==(const State&) const = default;
  };
  at::Tensor kept_;
  at::ScalarType type_ = at::ScalarType::Undefined;
  std::vector<State> states_;  // of the parameters that it was computed from
};

/// A parameter as autocast would cast it, kept as long as the parameter is not changed. Without gradients,
/// autocast itself casts every parameter to bf16 again at each evaluation, which for one image takes longer
/// than what is computed with it.
class CachedCast {
 public:
  /// `parameter` in bf16 under bf16 autocast without gradients, else as it is; undefined stays undefined.
  const at::Tensor& of(const at::Tensor& parameter);

 private:
  CachedTensor cast_;
};

/// LibTorch's convolution, [B, C, H, W] to [B, C', H', W'], with its parameters and its results, padded by a
/// number of zeros; its parameters are cast once (CachedCast). On CPUs, convolutions of 3 x 3 over enough
/// pixels of channels-last images are computed by Winograd's minimal filtering (Lavin and Gray 2016): in
/// float32 with a quarter of the products, and results that differ from LibTorch's by about 1e-5 of their
/// deviation; in bfloat16, where the processor is fast at it, with 4/9 of the products and 1.8 times the
/// rounding of a direct sum. Without gradients it keeps the transformed filters, which take four times the
/// memory of its weight, in bfloat16 nine tenths.
class Conv2dImpl : public torch::nn::Conv2dImpl {
 public:
  using torch::nn::Conv2dImpl::Conv2dImpl;
  at::Tensor forward(const at::Tensor& x);
  /// The convolution alone, for a bias that is added later together with other terms.
  at::Tensor without_bias(const at::Tensor& x);

 private:
  at::Tensor convolve(const at::Tensor& x, bool with_bias);

  /// Whether it is 3 x 3, keeps the size, and has no groups.
  bool is_plain_3x3() const;

  CachedCast cast_weight_, cast_bias_;
  CachedTensor winograd_filters_;
};
TORCH_MODULE(Conv2d);

/// LibTorch's linear layer, [..., E] to [..., E'], with its parameters and its results, whose parameters are
/// cast once (CachedCast).
class LinearImpl : public torch::nn::LinearImpl {
 public:
  using torch::nn::LinearImpl::LinearImpl;
  at::Tensor forward(const at::Tensor& x);

 private:
  CachedCast cast_weight_, cast_bias_;
};
TORCH_MODULE(Linear);

/// Linear layers of one input, without gradients as a single matrix product, whose weights lie together: for
/// many small ones, whose calls take longer than their arithmetic. With gradients each is computed by itself.
class JointLinear {
 public:
  /// `layers`: with biases, of the same number of inputs.
  explicit JointLinear(std::vector<Linear> layers = {});
  /// Every layer's result for `x` [B, E]: [B, E'], columns of one tensor.
  std::vector<at::Tensor> operator()(const at::Tensor& x);

 private:
  std::vector<Linear> layers_;
  std::vector<int64_t> sizes_;  // E' of each
  // Of all layers, as they are and in bf16: recorded work may hold on to either.
  CachedTensor weight_[2], bias_[2];
};

}  // namespace patronus
