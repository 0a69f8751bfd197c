#include "patronus/metrics/quantile.h"

#include <ATen/Functions.h>
#include <ATen/TensorOperators.h>

namespace patronus {

at::Tensor interpolated_median(const at::Tensor& values) {
  return at::nanquantile(values.to(at::kDouble), 0.5, -1);
}

at::Tensor column_quantiles(const at::Tensor& sorted, const at::Tensor& share) {
  const auto place = (share * static_cast<double>(sorted.size(0) - 1)).clamp(0, sorted.size(0) - 1);
  const auto value_at = [&](const at::Tensor& index) {
    return sorted.gather(0, index.to(at::kLong).unsqueeze(0)).squeeze(0);
  };
  const auto between = (place - place.floor()).to(sorted.scalar_type());
  return at::lerp(value_at(place.floor()), value_at(place.ceil()), between);
}

}  // namespace patronus
