#include "patronus/diagnosis/prototype_ties.h"

#include <ATen/Functions.h>
#include <ATen/TensorOperators.h>

#include <algorithm>
#include <cmath>
#include <tuple>
#include <utility>

#include "patronus/metrics/bootstrap.h"
#include "patronus/metrics/correlation.h"
#include "patronus/metrics/hypothesis_tests.h"
#include "patronus/models/receptive_field.h"

namespace patronus {
namespace {

/// How far an estimate lies beyond 0 in the direction in which the tie's prototypes correlate; negative if
/// its interval contains 0.
double distance_along(const PrototypeTie& tie, const Estimate& estimate) {
  return tie.is_opposed() ? -estimate.high : estimate.low;
}

/// Correlated pairs of varying prototypes whose patches lie apart.
PrototypeTies correlated_pairs(const Encoding& encoding, const at::Tensor& varies,
                               const TieOptions& options) {
  PrototypeTies found;
  const auto count = varies.sum().item<int64_t>();
  found.pairs = count * (count - 1) / 2;
  const Estimates rho = spearman_intervals(encoding.activation, std::max<int64_t>(found.pairs, 1));
  for (int64_t a = 0; a < varies.size(0); ++a) {
    for (int64_t b = a + 1; b < varies.size(0); ++b) {
      if (!varies[a].item<bool>() || !varies[b].item<bool>()) continue;
      PrototypeTie tie{.first = a, .second = b, .spearman = rho.row(a)[b]};
      if (distance_along(tie, tie.spearman) < options.least_correlation) continue;
      const auto is_shared = overlap_by_half(encoding.boxes.select(1, a), encoding.boxes.select(1, b));
      tie.overlap = is_shared.to(at::kDouble).mean().item<double>();
      if (tie.overlap > options.most_overlap) {
        ++found.same_place;
      } else {
        found.ties.push_back(tie);
      }
    }
  }
  return found;
}

/// Effect of editing `source` on the activation of `target` elsewhere, in each image: float64 [N], the mean
/// of raising and lowering; NaN for images in which neither was possible.
at::Tensor effect_elsewhere(const Control& raised, const Control& lowered, int64_t source, int64_t target) {
  const auto per_request = [&](const Control& control) {
    return control.change_elsewhere[source].select(1, target) / control.target_change[source].nanmean();
  };
  return at::stack({per_request(raised), per_request(lowered)}).nanmean(0);
}

/// Effects of both directions of every tie, one column each: float64 [N, 2 T].
at::Tensor effect_columns(const std::vector<PrototypeTie>& ties, const Control& raised,
                          const Control& lowered) {
  std::vector<at::Tensor> columns;
  for (const auto& tie : ties) {
    columns.push_back(effect_elsewhere(raised, lowered, tie.first, tie.second));
    columns.push_back(effect_elsewhere(raised, lowered, tie.second, tie.first));
  }
  return at::stack(columns, 1);
}

/// Makes the prototype whose edit has the stronger effect, along the correlation, the first one.
void put_stronger_first(PrototypeTie& tie) {
  const bool is_first_stronger = tie.is_opposed() ? tie.effect.value <= tie.effect_back.value
                                                  : tie.effect.value >= tie.effect_back.value;
  if (is_first_stronger) return;
  std::swap(tie.first, tie.second);
  std::swap(tie.effect, tie.effect_back);
  std::swap(tie.family_p, tie.family_p_back);
}

TieVerdict verdict_of(const PrototypeTie& tie, const TieOptions& options) {
  const auto is_found = [&](const Estimate& effect, double p) {
    return p <= options.significance_level && distance_along(tie, effect) >= options.least_effect;
  };
  return is_found(tie.effect, tie.family_p) || is_found(tie.effect_back, tie.family_p_back)
             ? TieVerdict::kTied
             : TieVerdict::kImagesOnly;
}

/// What ties are ranked by, larger first.
std::pair<bool, double> rank_of(const PrototypeTie& tie) {
  const bool is_tied = tie.verdict == TieVerdict::kTied;
  const double effect = std::max(distance_along(tie, tie.effect), distance_along(tie, tie.effect_back));
  return {is_tied, is_tied ? effect : std::abs(tie.spearman.value)};
}

}  // namespace

int64_t PrototypeTies::tied() const {
  return std::ranges::count(ties, TieVerdict::kTied, &PrototypeTie::verdict);
}

PrototypeTies find_prototype_ties(const Encoding& encoding, const Control& raised, const Control& lowered,
                                  const TieOptions& options) {
  PrototypeTies found = correlated_pairs(encoding, raised.deviation.isfinite(), options);
  if (found.ties.empty() || raised.target_change.size(1) < kMinIntervalRows) return found;
  const auto effects = effect_columns(found.ties, raised, lowered);
  const Estimates effect = mean_intervals(effects, {.resamples = options.resamples, .seed = options.seed});
  const SignFlipTest test = sign_flip_test(effects, {.flips = options.flips, .seed = options.seed});
  for (size_t i = 0; i < found.ties.size(); ++i) {
    PrototypeTie& tie = found.ties[i];
    const auto forth = static_cast<int64_t>(2 * i), back = forth + 1;
    tie.effect = effect[forth];
    tie.effect_back = effect[back];
    tie.family_p = test.family_p[forth].item<double>();
    tie.family_p_back = test.family_p[back].item<double>();
    put_stronger_first(tie);
    tie.verdict = verdict_of(tie, options);
  }
  std::stable_sort(found.ties.begin(), found.ties.end(),
                   [](const PrototypeTie& a, const PrototypeTie& b) { return rank_of(a) > rank_of(b); });
  return found;
}

}  // namespace patronus
