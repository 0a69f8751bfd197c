#pragma once
#include <ATen/core/Tensor.h>

#include <cstdint>
#include <vector>

namespace patronus {

/// Pearson correlations of the columns of `x` [N, D], N at least 2, any floating type, on the CPU: float64
/// [D, D]. A column that does not vary correlates with none.
at::Tensor correlations(const at::Tensor& x);

/// Root mean square of the differences between the correlations of `x` [N, D] and of `y` [M, D], over all
/// pairs of different columns; 0 for a single column.
double correlation_error(const at::Tensor& x, const at::Tensor& y);

/// The ranks 1 ... N of the values in every column of `x` [N, D], on the CPU; equal values share the mean of
/// their ranks. float64 [N, D]. NaN has no rank.
at::Tensor mid_ranks(const at::Tensor& x);

/// Spearman's rank correlations of the columns of `x` [N, D], any floating type without NaN, on the CPU:
/// float64 [D, D], with mid-ranks for ties. A column that does not vary correlates with none.
at::Tensor spearman(const at::Tensor& x);

/// Spearman's rank correlation of two vectors [N].
double spearman(const at::Tensor& x, const at::Tensor& y);

/// An order of the rows of a correlation matrix [D, D] in which those that correlate most, either way, stand
/// together: the leaves of average-linkage clustering with the distance 1 - |correlation|, larger clusters
/// first.
std::vector<int64_t> clustered_order(const at::Tensor& correlation);

}  // namespace patronus
