#pragma once
#include <ATen/TensorOperators.h>
#include <ATen/core/Tensor.h>

namespace patronus {

/// Brings every column of [N, D] to mean 0 and standard deviation 1, and back. Keeps dtype and device.
struct Standardizer {
  at::Tensor mean;       // [D]
  at::Tensor deviation;  // [D], of the population (divided by N); 1 for a column that does not vary

  at::Tensor standardized(const at::Tensor& x) const { return (x - mean) / deviation; }
  at::Tensor restored(const at::Tensor& z) const { return z * deviation + mean; }
};

/// Of `x` [N, D], N at least 1, any floating type.
Standardizer fit_standardizer(const at::Tensor& x);

}  // namespace patronus
