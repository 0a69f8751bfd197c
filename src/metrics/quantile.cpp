#include "patronus/metrics/quantile.h"

#include <ATen/Functions.h>
#include <ATen/TensorOperators.h>

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

}  // namespace patronus
