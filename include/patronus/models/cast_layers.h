#pragma once
#include <ATen/core/Tensor.h>
#include <torch/nn/modules/conv.h>
#include <torch/nn/modules/linear.h>
#include <torch/nn/pimpl.h>

namespace patronus {

/// A parameter as autocast would cast it, kept as long as the parameter is not changed. Without gradients,
/// autocast itself casts every parameter to bf16 again at each evaluation, which for one image takes longer
/// than what is computed with it.
class CastParameter {
 public:
  /// `parameter` in bf16 under bf16 autocast without gradients, else as it is; undefined stays undefined.
  const at::Tensor& of(const at::Tensor& parameter);

 private:
  at::Tensor cast_;
  const void* data_ = nullptr;  // of the parameter that was cast
  int64_t version_ = -1;        // and its version: each change in place counts it up
};

/// LibTorch's convolution, [B, C, H, W] to [B, C', H', W'], with its parameters and its results, padded by a
/// number of zeros; its parameters are cast once (CastParameter).
class Conv2dImpl : public torch::nn::Conv2dImpl {
 public:
  using torch::nn::Conv2dImpl::Conv2dImpl;
  at::Tensor forward(const at::Tensor& x);
  /// The convolution alone, for a bias that is added later together with other terms.
  at::Tensor without_bias(const at::Tensor& x);

 private:
  at::Tensor convolve(const at::Tensor& x, const at::Tensor& bias_or_none);

  CastParameter cast_weight_, cast_bias_;
};
TORCH_MODULE(Conv2d);

/// LibTorch's linear layer, [..., E] to [..., E'], with its parameters and its results, whose parameters are
/// cast once (CastParameter).
class LinearImpl : public torch::nn::LinearImpl {
 public:
  using torch::nn::LinearImpl::LinearImpl;
  at::Tensor forward(const at::Tensor& x);

 private:
  CastParameter cast_weight_, cast_bias_;
};
TORCH_MODULE(Linear);

}  // namespace patronus
