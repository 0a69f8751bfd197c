#pragma once
#include <ATen/core/Tensor.h>

#include <cstdint>
#include <functional>

namespace patronus {

/// Statistics, float64 [M], of the given rows (int64 [n]) of a sample; a row may occur several times.
using RowStatistic = std::function<at::Tensor(const at::Tensor& rows)>;

struct BootstrapOptions {
  int64_t resamples = 2000;
  uint64_t seed = 0;
};

/// Fewest rows for a 95 % interval, or for a test at 5 %: that all of n rows lie on one side of the true
/// median has a probability of 2 / 2^n, at most 0.05 from six on.
inline constexpr int64_t kMinIntervalRows = 6;

/// A value with its interval.
struct Estimate {
  double value = 0;
  double low = 0;
  double high = 0;
};

/// Values with intervals: float64 tensors of one shape.
struct Estimates {
  at::Tensor value;
  at::Tensor low;
  at::Tensor high;

  Estimate operator[](int64_t number) const;  // element of one-dimensional tensors; negative: from the end
  Estimates row(int64_t index) const;         // slice of the first dimension
};

/// `statistic` of all rows, [M], with its bias-corrected and accelerated 95 % bootstrap interval (Efron 1987)
/// over `rows` rows: quantiles over samples drawn with replacement, corrected for bias and for
/// the skewness estimated by the jackknife (in blocks for more than 100 rows). A statistic that is constant
/// over resamples has an interval of width 0. Resamples with NaN are left out; if all are NaN, or there are
/// fewer than kMinIntervalRows rows, so are the bounds.
Estimates bca_interval(int64_t rows, const RowStatistic& statistic, const BootstrapOptions& options = {});

/// Mean of each column of `x` [N, M] over the rows in which it is not NaN, with its bca_interval; the bounds
/// of a column known in fewer than kMinIntervalRows rows are NaN.
Estimates mean_intervals(const at::Tensor& x, const BootstrapOptions& options = {});

/// `statistic` of all rows, [M], with simultaneous 95 % intervals for all M values: the standard error over
/// the resamples times one common factor, for which 95 % of the resamples stay within the intervals in all
/// values (largest |t|). A value that is constant over resamples has an interval of width 0.
Estimates simultaneous_interval(int64_t rows, const RowStatistic& statistic,
                                const BootstrapOptions& options = {});

/// Weights of observations first .. first + count - 1 in a sample (row 0, all ones) and in its `resamples`:
/// float64 [1 + resamples, count]. The other rows are independent Poisson(1) numbers, which replace drawing
/// with replacement when observations arrive in a stream (Hanley and MacGibbon 2006). The weights of an
/// observation depend only on `seed` and its number.
at::Tensor poisson_bootstrap_weights(uint64_t seed, int64_t first, int64_t count, int64_t resamples);

/// A statistic with its 95 % interval, from quantiles 0.025 and 0.975 of its resamples. `rows`: float64 [1 +
/// R, ...], of the sample and its resamples. Resamples with NaN are left out; if all are NaN, so are the
/// bounds.
Estimates percentile_intervals(const at::Tensor& rows);

}  // namespace patronus
