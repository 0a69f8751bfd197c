#include "analysis/rank_views.h"

#include <ATen/Functions.h>
#include <ATen/TensorOperators.h>

#include <algorithm>
#include <cmath>
#include <numeric>

#include "analysis/edit_measures.h"
#include "patronus/core/unknown.h"
#include "patronus/metrics/quantile.h"

namespace patronus {
namespace {

/// Activations of the prototypes themselves, in the original and in the enhanced candidates: [K, N].
struct OwnActivation {
  at::Tensor before, after;
};

OwnActivation own_activation(const PrototypeViews& views) {
  const auto rows = at::tensor(views.prototypes);
  const auto index = rows.view({-1, 1, 1}).expand({-1, views.activation.size(1), 1});
  return {views.candidates.activation.index_select(1, rows).t(),
          views.activation.gather(2, index).squeeze(2)};
}

/// Median of each row of `values` where `counts` is true: float64 [K]; NaN where it is nowhere.
at::Tensor median_where(const at::Tensor& counts, const at::Tensor& values) {
  return nan_median(values.masked_fill(counts.logical_not(), kNaN));
}

/// Chooses the candidate in which each prototype is shown: int64 [K]. Each prototype in `order` gets the
/// least used of the candidates with at least four fifths of its largest increase.
at::Tensor spread_over_candidates(const at::Tensor& increase, const std::vector<int64_t>& order) {
  std::vector<int64_t> uses(static_cast<size_t>(increase.size(1)), 0), shown(order.size());
  for (const int64_t k : order) {
    const double most = increase[k].max().item<double>();
    int64_t best = increase[k].argmax().item<int64_t>();
    for (int64_t i = 0; i < increase.size(1); ++i) {
      const bool good = increase[k][i].item<double>() >= 0.8 * most;
      if (good && uses[i] < uses[best]) best = i;
    }
    ++uses[best];
    shown[k] = best;
  }
  return at::tensor(shown);
}

}  // namespace

void rank_views(PrototypeViews& views) {
  const auto [before, after] = own_activation(views);
  const auto target_change = (views.target - before).to(at::kDouble),
             increase = (after - before).to(at::kDouble);
  const auto counts = is_measurable_change(target_change.unsqueeze(2), views.deviation.view({-1, 1, 1}));
  log_left_out(counts, "effects and gains");
  views.effect = median_where(counts, increase / views.deviation.unsqueeze(1));
  views.gain = median_where(counts, increase / target_change);
  const auto candidates = at::arange(target_change.size(1)).expand_as(target_change);
  views.ranking = views.options.random ? candidates.clone()
                                       : increase.argsort(/*stable=*/true, /*dim=*/1, /*descending=*/true);
  // The medians hide the effect of a prototype that half of the images nearly have; this share does not.
  views.reached_share = increase.where(counts, 0).sum(1) / target_change.where(counts, 0).sum(1);
  const auto has_effect = [&](int64_t k) { return views.reached_share[k].item<double>() >= kMinGain; };
  const auto size = [&](int64_t k) { return views.effect[k].nan_to_num(-INFINITY).item<double>(); };
  views.order.resize(views.prototypes.size());
  std::iota(views.order.begin(), views.order.end(), 0);
  std::stable_sort(views.order.begin(), views.order.end(), [&](int64_t a, int64_t b) {
    return has_effect(a) != has_effect(b) ? has_effect(a) : size(a) > size(b);
  });
  views.without_effect =
      std::ssize(views.order) - std::count_if(views.order.begin(), views.order.end(), has_effect);
  views.shown =
      views.options.random ? views.ranking.select(1, 0) : spread_over_candidates(increase, views.order);
}

}  // namespace patronus
