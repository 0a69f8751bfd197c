#pragma once
#include <ATen/TensorOperators.h>
#include <ATen/core/Tensor.h>

namespace patronus {

/// Standardises each column of [N, D] to mean 0 and standard deviation 1, and back. Keeps dtype and device.
struct Standardizer {
  at::Tensor mean;       // [D]
  at::Tensor deviation;  // [D], population standard deviation (divided by N); 1 for a constant column

  at::Tensor transform(const at::Tensor& x) const { return (x - mean) / deviation; }
  at::Tensor inverse_transform(const at::Tensor& z) const { return z * deviation + mean; }
};

/// Fits mean and standard deviation of each column of `x` [N, D], N at least 1, any floating-point type.
Standardizer fit_standardizer(const at::Tensor& x);

}  // namespace patronus
