#pragma once
#include <ATen/core/Tensor.h>

namespace patronus {

// How alike two samples of vectors are, dimension by dimension and pair by pair: x [N, D] and y [M, D], N and
// M at least 2, any floating type, on the CPU.

/// The two-sample Kolmogorov-Smirnov statistic of every dimension: the largest distance between the two
/// empirical distribution functions. float64 [D], 0 .. 1.
at::Tensor kolmogorov_smirnov(const at::Tensor& x, const at::Tensor& y);

/// Pearson correlations of the dimensions of x: float64 [D, D]. A dimension that does not vary correlates
/// with none.
at::Tensor correlations(const at::Tensor& x);

/// Root mean square of the differences between the correlations of x and of y, over all pairs of different
/// dimensions; 0 for a single dimension.
double correlation_error(const at::Tensor& x, const at::Tensor& y);

}  // namespace patronus
