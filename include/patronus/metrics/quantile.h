#pragma once
#include <ATen/core/Tensor.h>

namespace patronus {

/// Median of the last dimension's values that are not NaN, the mean of the middle two where their number is
/// even (as numpy's `nanmedian`; LibTorch's takes the lower of the two): float64 [...] of float [..., N]; NaN
/// where there is none.
at::Tensor interpolated_median(const at::Tensor& values);

/// The quantile `share` [D], 0 .. 1, of each column of `sorted` [N, D], NaN last, linear between the values
/// that are not NaN; NaN where there is none. LibTorch's own refuses large tables.
at::Tensor column_quantiles(const at::Tensor& sorted, const at::Tensor& share);

}  // namespace patronus
