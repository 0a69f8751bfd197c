#pragma once
#include <ATen/core/Tensor.h>

#include "patronus/metrics/bootstrap.h"

namespace patronus {

/// Median over the last dimension without NaN, as numpy's `nanmedian`: the mean of the middle two for an even
/// number (LibTorch takes the lower one). float64 [...] of float [..., N]; NaN if there are no values.
at::Tensor nan_median(const at::Tensor& values);

/// Medians of the rows of `values` [K, N], NaN left out, with the narrowest symmetric pair of order
/// statistics that holds the median of the distribution with at least 95 %, whatever the distribution. NaN
/// bounds for fewer than `kMinIntervalRows` values, of which even the extremes do not.
Estimates median_intervals(const at::Tensor& values);

/// Quantiles `share` [D], 0 .. 1, of the columns of `sorted` [N, D] with NaN last, linear between values that
/// are not NaN; NaN if there are none. LibTorch's own function rejects large tables.
at::Tensor column_quantiles(const at::Tensor& sorted, const at::Tensor& share);

}  // namespace patronus
