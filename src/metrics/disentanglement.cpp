#include "patronus/metrics/disentanglement.h"

#include <ATen/Functions.h>
#include <ATen/TensorOperators.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <tuple>

#include "patronus/core/unknown.h"
#include "patronus/metrics/mutual_information.h"

namespace patronus {

double disentanglement(const at::Tensor& importance) {
  constexpr double kSmallest = std::numeric_limits<double>::min();
  const auto sums = importance.sum(1);
  const auto p = importance / sums.clamp_min(kSmallest).unsqueeze(1);
  const double most = std::log(std::max<double>(2, static_cast<double>(importance.size(1))));
  const auto score = 1 + at::xlogy(p, p).sum(1) / most;
  return ((sums * score).sum() / sums.sum().clamp_min(kSmallest)).item<double>();
}

double completeness(const at::Tensor& importance) {
  return disentanglement(importance.t());
}

Dci dci(const AttributeProbe& probe) {
  const auto measured = probe.measured.any(0).nonzero().squeeze(1);
  if (measured.numel() == 0) return {kNaN, kNaN, kNaN};
  const auto importance = probe.importance.index_select(1, measured);
  const bool can_mix = importance.size(1) > 1;
  return {can_mix ? disentanglement(importance) : kNaN, completeness(importance), latent_auroc(probe).mean};
}

double mutual_information_gap(const at::Tensor& x, const at::Tensor& attributes) {
  constexpr int64_t kBins = 20;
  const auto information = mutual_information(equal_width_bins(x, kBins), attributes);
  const auto nothing = at::zeros({1, attributes.size(1)}, at::kDouble);  // runner-up for a single code
  const auto top = std::get<0>(at::cat({information, nothing}).topk(2, 0));
  const auto own = entropy(attributes);
  const auto measured = own > 0;
  const auto gap = at::where(measured, (top[0] - top[1]) / own, 0.0);
  return (gap.sum() / measured.sum().clamp_min(1)).item<double>();
}

}  // namespace patronus
