#pragma once
#include <ATen/core/Tensor.h>

#include <cstdint>

namespace patronus {

/// How often each of `count` observations, `first` and those after it, counts in a sample and in `resamples`
/// of it: float64 [1 + resamples, count]. Row 0 counts every one once; the other rows are independent
/// Poisson(1) numbers, which stand for drawing with replacement where observations are seen once and not kept
/// (Hanley and MacGibbon 2006). An observation's weights depend on `seed` and its number alone.
at::Tensor resampling_weights(uint64_t seed, int64_t first, int64_t count, int64_t resamples);

/// A statistic with its 95 % interval: the quantiles 0.025 and 0.975 of its resamples.
struct Estimate {
  at::Tensor value;  // float64, any shape
  at::Tensor low;    // of the same shape
  at::Tensor high;
};

/// `rows`: float64 [1 + R, ...], a statistic of the sample and of its resamples. Resamples in which it is NaN
/// are left out; where all are, so are the bounds.
Estimate estimate_of(const at::Tensor& rows);

}  // namespace patronus
