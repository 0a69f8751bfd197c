#include "patronus/metrics/quantile.h"

#include <ATen/Functions.h>
#include <ATen/TensorOperators.h>

#include <cmath>
#include <tuple>

#include "patronus/core/unknown.h"

namespace patronus {

at::Tensor nan_median(const at::Tensor& values) {
  const auto sorted = std::get<0>(values.to(at::kDouble).sort(-1));  // NaN last
  const auto known = values.isnan().logical_not().sum(-1, /*keepdim=*/true);
  const auto low = sorted.gather(-1, (known - 1).clamp_min(0).div(2, "floor")).squeeze(-1);
  const auto high = sorted.gather(-1, known.div(2, "floor").clamp_max(values.size(-1) - 1)).squeeze(-1);
  const auto infinite = low.isinf().logical_or(high.isinf());
  return at::where(infinite, low + high, at::lerp(low, high, 0.5));  // lerp of infinities is NaN
}

at::Tensor column_quantiles(const at::Tensor& sorted, const at::Tensor& share) {
  const auto last = (sorted.isnan().logical_not().sum(0) - 1).clamp_min(0).to(at::kDouble);
  const auto place = (share * last).clamp(at::zeros_like(last), last);
  const auto value_at = [&](const at::Tensor& index) {
    return sorted.gather(0, index.to(at::kLong).unsqueeze(0)).squeeze(0);
  };
  const auto between = (place - place.floor()).to(sorted.scalar_type());
  return at::lerp(value_at(place.floor()), value_at(place.ceil()), between);
}

namespace {

/// Number r of values at either end that lie outside the interval of a median of `count` values: the largest
/// with 2 P(Binomial(count, 1/2) < r + 1) <= 0.05; -1 if there is none.
int64_t values_outside(int64_t count) {
  double log_probability = -std::log(2.0) * static_cast<double>(count), tail = 0;
  int64_t outside = -1;
  for (int64_t r = 0; 2 * r < count; ++r) {
    tail += std::exp(log_probability);
    if (2 * tail > 0.05) break;
    outside = r;
    log_probability += std::log(static_cast<double>(count - r) / static_cast<double>(r + 1));
  }
  return outside;
}

}  // namespace

Estimates median_intervals(const at::Tensor& values) {
  const auto sorted = std::get<0>(values.to(at::kDouble).sort(-1));  // NaN last
  const auto count = values.isnan().logical_not().sum(-1);
  auto low = at::full({values.size(0)}, kNaN, at::kDouble), high = low.clone();
  for (int64_t k = 0; k < values.size(0); ++k) {
    const auto n = count[k].item<int64_t>();
    const int64_t outside = values_outside(n);
    if (outside < 0) continue;
    low[k] = sorted[k][outside];
    high[k] = sorted[k][n - 1 - outside];
  }
  return {nan_median(values), low, high};
}

}  // namespace patronus
