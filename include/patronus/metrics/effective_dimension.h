#pragma once
#include <ATen/core/Tensor.h>

namespace patronus {

/// The effective rank (Roy and Vetterli 2007) of a matrix [M, N] of any floating type: exp of the entropy of
/// its singular values, scaled to sum to 1. From 1 to min(M, N); 0 for a matrix of zeros.
double effective_rank(const at::Tensor& matrix);

/// About how many directions of equal weight a matrix J has: (Σ σ²)² / Σ σ⁴ of its singular values, from 1 to
/// its rank, estimated from `estimates` (float64 [4, M, N]), four independent, unbiased measurements of J.
/// Powers of J are products of different measurements, so that their noise is not taken for directions. NaN
/// where the measurements agree so little that the estimate of Σ σ⁴ is not positive.
double participation_ratio(const at::Tensor& estimates);

}  // namespace patronus
