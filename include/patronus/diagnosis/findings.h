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

/// What an edit of attribute A did to attribute B, in images: change of B's judged probability beyond the
/// control's, for A put in.
struct KindEffect {
  EditKind kind = EditKind::kSingle;
  int64_t images = 0;     // that it was measured in
  Estimate effect{};      // mean over the images, BCa
  double put_in = 0;      // mean change of B where A was put in; NaN for no image
  double taken = 0;       // the same where A was taken away
  double p = 1;           // by flipping signs, of this test alone
  double family_p = 1;    // among all tests, by the largest |t|
  double fdr = 1;         // Benjamini and Hochberg's false discovery rate
  bool is_found = false;  // beyond chance and beyond the least effect
};

/// `kFound`: an effect that counts. `kNo`: none, by equivalence: every interval lies within the smallest
/// effect that counts, in at least 20 images. `kUndecided`: these images cannot tell.
enum class Verdict { kFound, kNo, kUndecided };
inline std::vector<std::string> enum_names(Verdict) {
  return {"found", "no", "undecided"};
}

/// Whether attribute `source` drags attribute `target` along.
struct PairEffect {
  size_t source = 0;  // numbers of attributes
  size_t target = 0;
  std::vector<KindEffect> kinds{};
  size_t strongest = 0;  // of the kinds that find it, or else of all: whose interval is farthest from 0
  Verdict verdict = Verdict::kUndecided;
  std::string dependence{};       // why the two depend on each other anyway; empty where no reason is known
  std::optional<double> again{};  // the strongest kind's effect with other denoising steps, of what was found

  /// Ways of editing that find it, in the direction of the strongest: raising or lowering the prototype that
  /// tells the source best, by whatever kind of edit, is one, by example another. What one alone finds may be
  /// a side effect of that way; what both find is a tie in the model.
  int64_t agreeing() const;
  int64_t ways() const;  // that were tried
};

struct FindingOptions {
  double level = 0.05;        // of the family of all tests
  double least_effect = 0.1;  // change of a probability that counts
  int64_t flips = 10000;
  int64_t resamples = 2000;
  uint64_t seed = 0;
};

/// Tests every trial on every attribute that `is_target` (bool [A]) but the trial's own, as one family. A
/// pair is found where for some kind of edit `family_p` is within the level and the whole interval is
/// beyond the least effect. In the order of rank: those first that more ways of editing find, and of these
/// those whose strongest effect is farther from 0.
std::vector<PairEffect> pair_effects(const std::vector<EditTrial>& trials, const at::Tensor& is_target,
                                     const FindingOptions& options);

/// Effects of a trial measured anew in another way: float64 [n, B], as EditTrial::effect.
using RepeatedEffect = std::function<at::Tensor(const EditTrial& trial)>;

/// Denoising steps that what was found with `steps` is measured with again: twice as many, or all the
/// `timesteps` there are; 0 where `steps` are all of them.
int64_t repeat_steps(int64_t steps, int64_t timesteps);

/// Measures what was found once more, into `again`. A pair whose mean effect is then below the least effect,
/// or the other way round, is undecided, and ranks behind those that are found.
void repeat_findings(std::vector<PairEffect>& pairs, const std::vector<EditTrial>& trials,
                     const RepeatedEffect& repeat, const FindingOptions& options);

/// Discards what failed edits say: a kind of edit that changes its own attribute the wrong way (its whole
/// interval is below 0) finds nothing, and a pair is not "no" where no kind changes the source attribute by
/// at least the least effect. `own`: what the trials did to their own attribute, in the order
/// of `trials`.
void discount_failed_edits(std::vector<PairEffect>& pairs, const std::vector<EditTrial>& trials,
                           const std::vector<KindEffect>& own, const FindingOptions& options);

/// Fills in, for the pairs that `dependent` lists, why the two attributes depend on each other by what they
/// mean. `names`: of the attributes.
void name_dependences(std::vector<PairEffect>& pairs, const std::vector<std::string>& names,
                      const std::vector<DependentPair>& dependent);

/// What trials did to their own attribute, in their order: whether edits work at all. NaN, of no image, where
/// the attribute is not one that `is_judged` (bool [A]).
std::vector<KindEffect> own_effects(const std::vector<EditTrial>& trials, const at::Tensor& is_judged,
                                    const FindingOptions& options);

}  // namespace patronus
