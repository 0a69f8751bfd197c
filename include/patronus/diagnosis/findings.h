#pragma once
#include <ATen/core/Tensor.h>

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "patronus/core/named_enum.h"
#include "patronus/diagnosis/dependent_pairs.h"
#include "patronus/diagnosis/edit_experiment.h"
#include "patronus/metrics/bootstrap.h"

namespace patronus {

/// Effect of editing attribute A on attribute B: the change of B's judged probability beyond the control's,
/// for adding A.
struct KindEffect {
  EditKind kind = EditKind::kSingle;
  int64_t images = 0;     // number of images measured
  Estimate effect{};      // mean over images, BCa interval
  double put_in = 0;      // mean change of B where A was added; NaN without such images
  double taken = 0;       // mean change of B where A was removed; NaN without such images
  double p = 1;           // sign-flip test, of this test alone
  double family_p = 1;    // corrected for all tests, by the largest |t|
  double fdr = 1;         // false discovery rate by Benjamini and Hochberg
  bool is_found = false;  // significant and beyond the smallest effect of interest
};

/// `kFound`: a relevant effect. `kNo`: none, by equivalence: all intervals lie within the smallest effect of
/// interest, from at least 20 images. `kUndecided`: neither can be shown with these images.
enum class Verdict { kFound, kNo, kUndecided };
inline std::vector<std::string> enum_names(Verdict) {
  return {"found", "no", "undecided"};
}

/// Whether editing attribute `source` also changes attribute `target`.
struct PairEffect {
  size_t source = 0;  // attribute indices
  size_t target = 0;
  std::vector<KindEffect> kinds{};
  size_t strongest = 0;  // index in `kinds`: interval farthest from 0, of the kinds that find it, else of all
  Verdict verdict = Verdict::kUndecided;
  std::string dependence{};  // why the two depend on each other by definition; empty: no known reason
  // For findings, the strongest kind's effect with other denoising steps.
  std::optional<double> effect_with_more_steps{};

  /// Number of ways of editing that find it, with the sign of the strongest kind. The two ways are the best
  /// prototype (any kind but kExample) and by example. One alone may show a side effect of that way; both
  /// show a link in the model.
  int64_t agreeing() const;
  /// Number of ways of editing that were tried.
  int64_t ways() const;
  /// Whether it is found and does not depend by definition.
  bool is_finding() const { return verdict == Verdict::kFound && dependence.empty(); }
};

struct FindingOptions {
  double significance_level = 0.05;  // significance level of the family of all tests
  double least_effect = 0.1;         // smallest effect of interest, as a change of probability
  int64_t flips = 10000;
  int64_t resamples = 2000;
  uint64_t seed = 0;
};

/// Tests each trial on all attributes of `is_target` (bool [A]) but its own, as one family. A pair is found
/// if, for some kind of edit, `family_p` is within the level and the whole interval is beyond the least
/// effect. Ranked by the number of ways that find it, then by the distance of its strongest interval from 0.
std::vector<PairEffect> pair_effects(const std::vector<EditTrial>& trials, const at::Tensor& is_target,
                                     const FindingOptions& options);

/// Measures the effects of a trial again in another way: float64 [n, B], as EditTrial::effect.
using RepeatedEffect = std::function<at::Tensor(const EditTrial& trial)>;

/// Number of denoising steps for repeating measurements made with `steps`: twice as many, at most
/// `timesteps`; 0 if `steps` is already `timesteps`.
int64_t repeat_steps(int64_t steps, int64_t timesteps);

/// Repeats the measurement of findings and sets `effect_with_more_steps`. A pair whose mean effect is then
/// below the least effect, or of opposite sign, becomes undecided and ranks after those found.
void repeat_findings(std::vector<PairEffect>& pairs, const std::vector<EditTrial>& trials,
                     const RepeatedEffect& repeat, const FindingOptions& options);

/// Discounts failed edits: a kind of edit that changes its own attribute in the wrong direction (whole
/// interval below 0) finds nothing, and a pair is not "no" unless some kind changes the source attribute by
/// at least the least effect. `own`: effects of the trials on their own attributes, in the order of `trials`.
void discount_failed_edits(std::vector<PairEffect>& pairs, const std::vector<EditTrial>& trials,
                           const std::vector<KindEffect>& own, const FindingOptions& options);

/// Sets `dependence` of the pairs listed in `dependent`, which then rank last. `names`: names of the
/// attributes.
void set_dependences(std::vector<PairEffect>& pairs, const std::vector<std::string>& names,
                     const std::vector<DependentPair>& dependent);

/// Effects of trials on their own attributes, in order: whether the edits work at all. NaN, with 0 images,
/// for attributes not in `is_judged` (bool [A]).
std::vector<KindEffect> own_effects(const std::vector<EditTrial>& trials, const at::Tensor& is_judged,
                                    const FindingOptions& options);

}  // namespace patronus
