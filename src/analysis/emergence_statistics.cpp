#include "analysis/emergence_statistics.h"

#include <ATen/Functions.h>
#include <ATen/TensorOperators.h>

#include <algorithm>
#include <numeric>
#include <vector>

#include "patronus/analysis/plausible_range.h"
#include "patronus/core/random.h"
#include "patronus/core/unknown.h"
#include "patronus/metrics/correlation.h"

namespace patronus {
namespace {

EmergenceState state_of(const Emergence& e, int64_t k) {
  const double counted = e.counted[k].item<double>();
  if (counted == 0) return EmergenceState::kCannotBeRaised;
  if (counted < kMinIntervalRows) return EmergenceState::kTooFewImages;
  const double final = e.difference.value[k][-1].item<double>();
  if (!(e.difference.low[k][-1].item<double>() > 0)) return EmergenceState::kNoDifference;
  if (final < kMinGain * e.target_change[k].item<double>()) return EmergenceState::kTooLittle;
  return EmergenceState::kEmerges;
}

at::Tensor emerging_rows(const Emergence& e) {
  std::vector<int64_t> rows;
  for (size_t k = 0; k < e.states.size(); ++k) {
    if (e.states[k] == EmergenceState::kEmerges) rows.push_back(static_cast<int64_t>(k));
  }
  return at::tensor(rows, at::kLong);
}

/// Rows in display order (`Emergence::order`); prototypes that do not emerge follow by decreasing share of
/// the requested change that is reached.
std::vector<int64_t> ranked(const Emergence& e) {
  std::vector<int64_t> order(e.prototypes.size());
  std::iota(order.begin(), order.end(), 0);
  const auto emerges = [&](int64_t k) { return e.states[k] == EmergenceState::kEmerges; };
  const auto middle = e.time.value.select(1, 1);
  const auto gain = (e.difference.value.select(1, -1) / e.target_change).nan_to_num(-INFINITY);
  std::stable_sort(order.begin(), order.end(), [&](int64_t a, int64_t b) {
    if (emerges(a) != emerges(b)) return emerges(a);
    const bool decides = emerges(a) && (middle[a] != middle[b]).item<bool>();
    const auto& key = !emerges(a) ? gain : decides ? middle : e.decided.value;
    return key[a].item<double>() > key[b].item<double>();
  });
  return order;
}

/// The t at which curves [w, S] reach each of `kEmergenceShares`: [w, 3].
at::Tensor times_of_shares(const at::Tensor& curves, const std::vector<int64_t>& timesteps) {
  std::vector<at::Tensor> times;
  for (const double share : kEmergenceShares) times.push_back(time_of_share(curves, timesteps, share));
  return at::stack(times, 1);
}

/// Stacks estimates along a new first dimension.
Estimates stacked(const std::vector<Estimates>& rows) {
  const auto numbers = [&](at::Tensor Estimates::*kind) {
    std::vector<at::Tensor> all;
    for (const auto& row : rows) all.push_back(row.*kind);
    return at::stack(all);
  };
  return {numbers(&Estimates::value), numbers(&Estimates::low), numbers(&Estimates::high)};
}

/// Without the intervals of rows, [K, ...], that are of too few images.
Estimates without_intervals(const Estimates& rows, const at::Tensor& too_few) {
  std::vector<int64_t> shape(static_cast<size_t>(rows.value.dim()), 1);
  shape[0] = too_few.size(0);
  const auto of_rows = too_few.view(shape);
  return {rows.value, rows.low.masked_fill(of_rows, kNaN), rows.high.masked_fill(of_rows, kNaN)};
}

}  // namespace

at::Tensor time_of_share(const at::Tensor& curves, const std::vector<int64_t>& timesteps, double share) {
  const int64_t steps = curves.size(-1);
  const auto t = at::tensor(timesteps, at::kDouble);
  // Number of steps up to the last one below `share`, that is, the index of the first step from which the
  // curve stays at or above it; 0 if it is never below.
  const auto reached = ((curves < share) * at::arange(1, steps + 1)).amax(-1);
  const auto before = (reached - 1).clamp_min(0);
  const auto at_step = [&](const at::Tensor& step) {
    return curves.gather(-1, step.unsqueeze(-1)).squeeze(-1);
  };
  const auto low = at_step(before), high = at_step(reached.clamp_max(steps - 1));
  const auto between = t.take(before) + (share - low) / (high - low) * (t.take(reached) - t.take(before));
  return at::where(curves.isnan().any(-1), kNaN, at::where(reached == 0, t[0], between));
}

RankCorrelation rank_correlation(const at::Tensor& x, const at::Tensor& y) {
  constexpr int64_t kMin = 5;
  const int64_t count = x.size(1);
  const auto varies = [](const at::Tensor& values) { return (values.max() > values.min()).item<bool>(); };
  if (count < kMin || !varies(x[0]) || !varies(y[0])) return {{kNaN, kNaN, kNaN}, count};
  const auto generator = make_generator(derive_seed(0, "rank relation"));
  auto values = at::full({x.size(0)}, kNaN, at::kDouble);
  values[0] = spearman(x[0], y[0]);
  for (int64_t r = 1; r < x.size(0); ++r) {
    const auto drawn = at::randint(count, {count}, generator, at::TensorOptions(at::kLong));
    const auto a = x[r].index_select(0, drawn), b = y[r].index_select(0, drawn);
    const auto known = a.isfinite().logical_and(b.isfinite());
    if (known.sum().item<int64_t>() < 2) continue;
    values[r] = spearman(a.index({known}), b.index({known}));
  }
  return {percentile_intervals(values.unsqueeze(1))[0], count};
}

Emergence emergence_of(const EmergenceSums& sums, const std::vector<int64_t>& prototypes,
                       const EmergenceTimesteps& timesteps) {
  Emergence e;
  e.images = sums.images;
  e.prototypes = prototypes;
  e.timesteps = timesteps.steps;
  e.starts = timesteps.late;
  e.starts.insert(e.starts.begin(), timesteps.steps.front());
  e.starts.push_back(-1);
  e.example = sums.example;
  e.counted = sums.counted[0];
  e.target_change = sums.target_change[0] / e.counted;
  const auto final = (sums.difference.select(2, -1) / sums.counted).unsqueeze(2);  // [w, K, 1]
  const auto positive = at::where(final > 0, final, kNaN);
  std::vector<Estimates> differences, shares;
  std::vector<at::Tensor> times;
  // One prototype at a time: with many steps, the resamples of all would take gigabytes.
  for (size_t k = 0; k < prototypes.size(); ++k) {
    const auto of = [k = static_cast<int64_t>(k)](const at::Tensor& all) { return all.select(1, k); };
    const auto difference = of(sums.difference) / of(sums.counted).unsqueeze(1);  // [w, S]
    const auto share = difference / of(positive);
    differences.push_back(percentile_intervals(difference));
    shares.push_back(percentile_intervals(share));
    times.push_back(times_of_shares(share, timesteps.steps));
  }
  e.difference = stacked(differences);
  e.share = stacked(shares);
  const auto time = at::stack(times, 1);  // [w, K, 3]
  e.time = percentile_intervals(time);
  const auto count = e.counted.unsqueeze(1);
  const auto variance = (sums.square / count - e.difference.value.square()).clamp_min(0);
  e.deviation = (variance * count / (count - 1)).sqrt();
  const auto late =
      at::cat({final / positive, sums.late / sums.counted.unsqueeze(2) / positive, 0 * final / positive}, 2);
  e.late = percentile_intervals(late);
  const auto decided = time_of_share(1 - late, e.starts, 0.5);  // [w, K]
  e.decided = percentile_intervals(decided);
  const auto centroid = sums.centroid / sums.counted;
  e.centroid = percentile_intervals(centroid);
  for (size_t k = 0; k < prototypes.size(); ++k) e.states.push_back(state_of(e, static_cast<int64_t>(k)));
  e.order = ranked(e);
  const auto rows = emerging_rows(e);
  const auto of_rows = [&](const at::Tensor& all) { return all.index_select(1, rows); };
  e.frequency = rank_correlation(of_rows(time.select(2, 1)), of_rows(centroid));
  e.decision = rank_correlation(of_rows(decided), of_rows(centroid));
  e.cost = percentile_intervals(sums.loss.slice(2, 1) / sums.loss.slice(2, 0, 1));
  e.loss = percentile_intervals(sums.loss / sums.seen.view({-1, 1, 1}));
  const auto few = e.counted < kMinIntervalRows;
  for (Estimates* of_prototypes : {&e.difference, &e.share, &e.time, &e.late, &e.decided, &e.centroid})
    *of_prototypes = without_intervals(*of_prototypes, few);
  const auto few_images = (sums.seen[0] < kMinIntervalRows).expand({std::ssize(timesteps.steps)});
  for (Estimates* of_steps : {&e.cost, &e.loss}) *of_steps = without_intervals(*of_steps, few_images);
  return e;
}

}  // namespace patronus
