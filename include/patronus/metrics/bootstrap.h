#pragma once
#include <ATen/core/Tensor.h>

#include <cstdint>
#include <functional>

namespace patronus {

/// Some numbers, float64 [M], of the rows (int64 [n]) of a sample; a row may be named more than once.
using RowStatistic = std::function<at::Tensor(const at::Tensor& rows)>;

struct BootstrapOptions {
  int64_t resamples = 2000;
  double level = 0.95;  // 0 .. 1, of the interval
  uint64_t seed = 0;
};

/// One number and its interval.
struct Estimate {
  double value = 0;
  double low = 0;
  double high = 0;
};

/// Many numbers with their intervals: float64 tensors of one shape.
struct Estimates {
  at::Tensor value;
  at::Tensor low;
  at::Tensor high;

  Estimate operator[](int64_t number) const;  // of one dimension; negative: from the end
  Estimates row(int64_t index) const;         // of the first dimension
};

/// `statistic` of all rows, [M], with its bias-corrected and accelerated bootstrap interval (Efron 1987) of
/// `rows` rows, at least 2: quantiles of its value in samples drawn with replacement, moved by the bias and
/// by the skewness that the jackknife shows (of more than 100 rows, by blocks). A statistic that is the same
/// in every resample has no width. Resamples in which it is NaN are left out; where all are, so are the
/// bounds.
Estimates bca_interval(int64_t rows, const RowStatistic& statistic, const BootstrapOptions& options = {});

/// `statistic` of all rows, [M], with intervals that hold for all M numbers at once: the standard error over
/// the resamples times one factor, that `level` of the resamples keep to in every number (the largest |t|). A
/// number that is the same in every resample has no width.
Estimates simultaneous_interval(int64_t rows, const RowStatistic& statistic,
                                const BootstrapOptions& options = {});

/// The mean of every column of `x` [N, M] over the rows in which it is not NaN, as a statistic of rows.
RowStatistic column_means(const at::Tensor& x);

/// How often each of `count` observations, `first` and those after it, counts in a sample and in `resamples`
/// of it: float64 [1 + resamples, count]. Row 0 counts every one once; the other rows are independent
/// Poisson(1) numbers, which stand for drawing with replacement where observations are seen once and not kept
/// (Hanley and MacGibbon 2006). An observation's weights depend on `seed` and its number alone.
at::Tensor resampling_weights(uint64_t seed, int64_t first, int64_t count, int64_t resamples);

/// A statistic with its 95 % interval, the quantiles 0.025 and 0.975 of its resamples. `rows`: float64
/// [1 + R, ...], of the sample and of its resamples. Resamples in which it is NaN are left out; where all
/// are, so are the bounds.
Estimates estimates_of(const at::Tensor& rows);

}  // namespace patronus
