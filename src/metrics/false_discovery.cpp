#include "patronus/metrics/false_discovery.h"

#include <ATen/Functions.h>
#include <ATen/TensorOperators.h>

#include <tuple>

namespace patronus {

at::Tensor benjamini_hochberg(const at::Tensor& p) {
  const int64_t count = p.numel();
  const auto [descending, order] = p.to(at::kDouble).sort(0, /*descending=*/true);
  const auto rank = at::arange(count, 0, -1, at::TensorOptions(at::kDouble));
  const auto scaled = (descending * static_cast<double>(count) / rank).clamp_max(1);
  return at::empty_like(scaled).index_copy_(0, order, std::get<0>(scaled.cummin(0)));
}

}  // namespace patronus
