#include "patronus/diagnosis/findings.h"

#include <ATen/Functions.h>
#include <ATen/TensorOperators.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <map>
#include <utility>

#include "patronus/core/unknown.h"
#include "patronus/metrics/bootstrap.h"
#include "patronus/metrics/hypothesis_tests.h"

namespace patronus {
namespace {

/// A trial and the attribute whose change is tested.
struct TrialTest {
  const EditTrial* trial;
  int64_t target;
};

double mean_where(const at::Tensor& change, const at::Tensor& rows) {
  return change.masked_select(rows).mean().item<double>();
}

/// Effect in each image: float64 [n]; NaN if the edited attribute is unknown there.
at::Tensor effect_on(const TrialTest& test) {
  const auto effect = test.trial->effect().select(1, test.target);
  return effect.masked_fill(test.trial->direction == 0, kNaN);
}

std::vector<KindEffect> measured(const std::vector<TrialTest>& tests, const FindingOptions& options) {
  if (tests.empty()) return {};
  std::vector<at::Tensor> columns;
  for (const auto& test : tests) columns.push_back(effect_on(test));
  const auto effects = at::stack(columns, 1);
  const auto interval = mean_intervals(effects, {.resamples = options.resamples, .seed = options.seed});
  const auto flips = sign_flip_test(effects, {.flips = options.flips, .seed = options.seed});
  const auto is_test = effects.isnan().logical_not().sum(0) >= kMinIntervalRows;
  const auto fdr =
      at::ones_like(flips.p).masked_scatter(is_test, benjamini_hochberg(flips.p.masked_select(is_test)));
  std::vector<KindEffect> all;
  for (size_t i = 0; i < tests.size(); ++i) {
    const auto row = static_cast<int64_t>(i);
    const auto& direction = tests[i].trial->direction;
    all.push_back({.kind = tests[i].trial->kind,
                   .images = columns[i].isnan().logical_not().sum().item<int64_t>(),
                   .effect = interval[row],
                   .put_in = mean_where(columns[i], direction > 0),
                   .taken = -mean_where(columns[i], direction < 0),
                   .p = flips.p[row].item<double>(),
                   .family_p = flips.family_p[row].item<double>(),
                   .fdr = fdr[row].item<double>()});
  }
  return all;
}

/// Distance of an interval from 0: negative if it contains 0, -infinity if it is unknown.
double distance_from_zero(const Estimate& e) {
  const double distance = std::max(e.low, -e.high);
  return std::isnan(distance) ? -std::numeric_limits<double>::infinity() : distance;
}

bool counts(const KindEffect& k, const FindingOptions& options) {
  return k.family_p <= options.significance_level && distance_from_zero(k.effect) >= options.least_effect;
}

bool is_absent(const KindEffect& k, const FindingOptions& options) {
  constexpr int64_t kMin = 20;  // intervals of fewer images are too narrow to show that there is no effect
  return k.images >= kMin && k.effect.low > -options.least_effect && k.effect.high < options.least_effect;
}

/// Sets the strongest kind and the verdict of a pair, given `is_found` of its kinds.
void judge_pair(PairEffect& pair, const FindingOptions& options) {
  const auto any = [&](auto condition) {
    return std::any_of(pair.kinds.begin(), pair.kinds.end(), condition);
  };
  const auto is_weaker = [](const KindEffect& a, const KindEffect& b) {
    if (a.is_found != b.is_found) return b.is_found;
    return distance_from_zero(a.effect) < distance_from_zero(b.effect);
  };
  pair.strongest = static_cast<size_t>(std::max_element(pair.kinds.begin(), pair.kinds.end(), is_weaker) -
                                       pair.kinds.begin());
  pair.verdict = pair.agreeing() > 0                                                ? Verdict::kFound
                 : any([&](const KindEffect& k) { return !is_absent(k, options); }) ? Verdict::kUndecided
                                                                                    : Verdict::kNo;
}

bool ranks_before(const PairEffect& a, const PairEffect& b) {
  if (a.agreeing() != b.agreeing()) return a.agreeing() > b.agreeing();
  return distance_from_zero(a.kinds[a.strongest].effect) > distance_from_zero(b.kinds[b.strongest].effect);
}

PairEffect& pair_of(std::vector<PairEffect>& pairs, size_t source, size_t target) {
  for (auto& pair : pairs) {
    if (pair.source == source && pair.target == target) return pair;
  }
  return pairs.emplace_back(PairEffect{.source = source, .target = target});
}

/// Number of ways of editing, by prototype and by example, with a kind for which `is_meant` holds.
template <class Condition>
int64_t ways_among(const std::vector<KindEffect>& kinds, const Condition& is_meant) {
  bool by_prototype = false, by_example = false;
  for (const auto& kind : kinds) {
    if (is_meant(kind)) (kind.kind == EditKind::kExample ? by_example : by_prototype) = true;
  }
  return int64_t{by_prototype} + int64_t{by_example};
}

}  // namespace

int64_t PairEffect::agreeing() const {
  const bool rises = kinds[strongest].effect.value > 0;
  return ways_among(
      kinds, [&](const KindEffect& kind) { return kind.is_found && (kind.effect.value > 0) == rises; });
}

int64_t PairEffect::ways() const {
  return ways_among(kinds, [](const KindEffect&) { return true; });
}

std::vector<PairEffect> pair_effects(const std::vector<EditTrial>& trials, const at::Tensor& is_target,
                                     const FindingOptions& options) {
  std::vector<TrialTest> tests;
  for (const auto& trial : trials) {
    for (int64_t b = 0; b < is_target.size(0); ++b) {
      if (is_target[b].item<bool>() && b != static_cast<int64_t>(trial.attribute))
        tests.push_back({&trial, b});
    }
  }
  const auto effects = measured(tests, options);
  std::vector<PairEffect> pairs;
  for (size_t i = 0; i < tests.size(); ++i) {
    pair_of(pairs, tests[i].trial->attribute, static_cast<size_t>(tests[i].target))
        .kinds.push_back(effects[i]);
  }
  for (auto& pair : pairs) {
    for (auto& kind : pair.kinds) kind.is_found = counts(kind, options);
    judge_pair(pair, options);
  }
  std::stable_sort(pairs.begin(), pairs.end(), ranks_before);
  return pairs;
}

namespace {

const EditTrial& trial_of(const std::vector<EditTrial>& trials, size_t attribute, EditKind kind) {
  return *std::find_if(trials.begin(), trials.end(), [&](const EditTrial& trial) {
    return trial.attribute == attribute && trial.kind == kind;
  });
}

}  // namespace

int64_t repeat_steps(int64_t steps, int64_t timesteps) {
  const int64_t more = std::min(2 * steps, timesteps);
  return more == steps ? 0 : more;
}

void repeat_findings(std::vector<PairEffect>& pairs, const std::vector<EditTrial>& trials,
                     const RepeatedEffect& repeat, const FindingOptions& options) {
  std::map<std::pair<size_t, EditKind>, at::Tensor> means;  // float64 [B] by source attribute and kind
  for (auto& pair : pairs) {
    if (pair.verdict != Verdict::kFound) continue;
    const KindEffect& strongest = pair.kinds[pair.strongest];
    auto& mean = means[{pair.source, strongest.kind}];
    if (!mean.defined()) {
      const EditTrial& trial = trial_of(trials, pair.source, strongest.kind);
      mean = repeat(trial).sum(0) / (trial.direction != 0).sum();
    }
    pair.effect_with_more_steps = mean[static_cast<int64_t>(pair.target)].item<double>();
    const double along = *pair.effect_with_more_steps * (strongest.effect.value > 0 ? 1 : -1);
    if (along < options.least_effect) pair.verdict = Verdict::kUndecided;
  }
  std::stable_partition(pairs.begin(), pairs.end(),
                        [](const PairEffect& pair) { return pair.verdict == Verdict::kFound; });
}

void discount_failed_edits(std::vector<PairEffect>& pairs, const std::vector<EditTrial>& trials,
                           const std::vector<KindEffect>& own, const FindingOptions& options) {
  const auto own_effect = [&](size_t attribute, EditKind kind) {
    return own[static_cast<size_t>(&trial_of(trials, attribute, kind) - trials.data())].effect;
  };
  for (auto& pair : pairs) {
    bool any_works = false;
    for (auto& kind : pair.kinds) {
      const Estimate effect = own_effect(pair.source, kind.kind);
      any_works = any_works || effect.low >= options.least_effect;
      if (effect.high < 0) kind.is_found = false;
    }
    judge_pair(pair, options);
    if (pair.verdict == Verdict::kNo && !any_works) pair.verdict = Verdict::kUndecided;
  }
  std::stable_sort(pairs.begin(), pairs.end(), ranks_before);
}

void set_dependences(std::vector<PairEffect>& pairs, const std::vector<std::string>& names,
                     const std::vector<DependentPair>& dependent) {
  for (auto& pair : pairs) pair.dependence = dependence(dependent, names[pair.source], names[pair.target]);
  std::ranges::stable_partition(pairs, [](const PairEffect& pair) { return pair.dependence.empty(); });
}

std::vector<KindEffect> own_effects(const std::vector<EditTrial>& trials, const at::Tensor& is_judged,
                                    const FindingOptions& options) {
  std::vector<EditTrial> judged = trials;
  std::vector<TrialTest> tests;
  for (auto& trial : judged) {
    const auto own = static_cast<int64_t>(trial.attribute);
    if (!is_judged[own].item<bool>()) trial.edited = at::full_like(trial.edited, kNaN);
    tests.push_back({&trial, own});
  }
  return measured(tests, options);
}

}  // namespace patronus
