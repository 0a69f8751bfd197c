#pragma once
#include <ATen/core/Tensor.h>

#include <cstdint>
#include <vector>

#include "patronus/metrics/bootstrap.h"

namespace patronus {

/// Pearson correlations of the columns of `x` [N, D], N at least 2, any floating-point type, on the CPU:
/// float64 [D, D]; 0 with a constant column.
at::Tensor correlations(const at::Tensor& x);

/// The same of each column of `x` [N, D] with each of `y` [N, E]: float64 [D, E].
at::Tensor cross_correlations(const at::Tensor& x, const at::Tensor& y);

/// Root mean square difference between the correlations of `x` [N, D] and those of `y` [M, D], over all pairs
/// of different columns; 0 for a single column.
double correlation_error(const at::Tensor& x, const at::Tensor& y);

/// Ranks 1 ... N within each column of `x` [N, D], on the CPU; ties share their mean rank. Returns float64
/// [N, D]. `x` must not have NaN.
at::Tensor mid_ranks(const at::Tensor& x);

/// Spearman correlations of the columns of `x` [N, D], any floating-point type without NaN, on the CPU:
/// float64 [D, D], with mid-ranks for ties; 0 with a constant column.
at::Tensor spearman(const at::Tensor& x);

/// Spearman correlation of two vectors [N].
double spearman(const at::Tensor& x, const at::Tensor& y);

/// Spearman correlations of the columns of `x` [N, D], as above, N at least 4, with 95 % intervals that hold
/// for `comparisons` of them at once (Bonferroni): Fisher's z with the variance (1 + r²/2) / (N - 3) of
/// Bonett and Wright (2000). float64 [D, D].
Estimates spearman_intervals(const at::Tensor& x, int64_t comparisons = 1);

/// Row statistic: the Spearman correlation of each column of `x` [N, D] with the one at its place in `y`
/// [N, D], as `spearman` of the rows. Sorts only once, so that resamples are cheap.
RowStatistic paired_spearman(const at::Tensor& x, const at::Tensor& y);

/// Order of the rows of a correlation matrix [D, D] that groups strongly (positively or negatively)
/// correlated ones: the leaves of average-linkage clustering with distance 1 - |correlation|, larger clusters
/// first.
std::vector<int64_t> clustered_order(const at::Tensor& correlation);

}  // namespace patronus
