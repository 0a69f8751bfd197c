#pragma once
#include <ATen/core/Tensor.h>

namespace patronus {

/// The effective rank (Roy and Vetterli 2007) of a matrix [M, N] of any floating type: exp of the entropy of
/// its singular values, scaled to sum to 1. From 1 to min(M, N); 0 for a matrix of zeros.
double effective_rank(const at::Tensor& matrix);

}  // namespace patronus
