#pragma once
#include <ATen/core/Tensor.h>

namespace patronus {

/// Effective rank (Roy and Vetterli 2007) of a matrix [M, N] of any floating-point type: exp of the entropy
/// of its singular values normalised to sum 1. From 1 to min(M, N); 0 for a zero matrix.
double effective_rank(const at::Tensor& matrix);

/// Participation ratio (Σ σ²)² / Σ σ⁴ of the singular values of a matrix J: the effective number of equally
/// strong directions, from 1 to its rank. Estimated from `estimates` (float64 [4, M, N]), four independent
/// unbiased measurements of J; powers of J are products of different measurements, so that noise does not
/// count as directions. NaN if the estimate of Σ σ⁴ is not positive, as the measurements agree too little.
double participation_ratio(const at::Tensor& estimates);

}  // namespace patronus
