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

/// Numbers of a sample and how far they may be trusted: float64 [M] each.
struct BootstrapInterval {
  at::Tensor estimate;
  at::Tensor low;
  at::Tensor high;

  Estimate operator[](int64_t number) const;
};

/// The bias-corrected and accelerated bootstrap interval (Efron 1987) of a statistic of `rows` rows, at least
/// 2: quantiles of its value in samples drawn with replacement, moved by the bias and by the skewness that
/// the jackknife shows (of more than 100 rows, by blocks). A statistic that is the same in every resample has
/// no width.
BootstrapInterval bca_interval(int64_t rows, const RowStatistic& statistic,
                               const BootstrapOptions& options = {});

/// The mean of every column of `x` [N, M] over the rows in which it is not NaN, as a statistic of rows.
RowStatistic column_means(const at::Tensor& x);

}  // namespace patronus
