#pragma once
#include <ATen/core/Tensor.h>

namespace patronus {

/// About how many directions of equal weight a matrix J has: (Σ σ²)² / Σ σ⁴ of its singular values, from 1 to
/// its rank, estimated from `estimates` (float64 [4, M, N]), four independent, unbiased measurements of J.
/// Powers of J are products of different measurements, so that their noise is not taken for directions. NaN
/// where the measurements agree so little that the estimate of Σ σ⁴ is not positive.
double participation_ratio(const at::Tensor& estimates);

}  // namespace patronus
