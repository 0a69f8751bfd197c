#include "patronus/diagnosis/findings.h"

#include <ATen/Functions.h>
#include <ATen/TensorOperators.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>

#include "patronus/core/random.h"

namespace patronus {
namespace {

constexpr int64_t kImages = 60, kAttributes = 4;

/// A trial of attribute 0 whose edit adds `effects` [A] to what its control does, in the direction of the
/// attribute, up to noise.
EditTrial trial_with(const at::Tensor& effects, EditKind kind = EditKind::kSingle, uint64_t seed = 1) {
  EditTrial trial{.attribute = 0, .kind = kind};
  trial.direction = at::where(at::arange(kImages) % 2 == 0, 1., -1.).to(at::kDouble);
  const auto noise = [&](uint64_t n) {
    return 0.1 * at::randn({kImages, kAttributes}, make_generator(8 * seed + n), at::kDouble);
  };
  trial.control = 0.5 + noise(0);
  trial.edited = 0.5 + noise(1) + trial.direction.unsqueeze(1) * effects;
  return trial;
}

at::Tensor all_targets() {
  return at::ones({kAttributes}, at::kBool);
}

const PairEffect& pair_with(const std::vector<PairEffect>& pairs, size_t target) {
  for (const auto& pair : pairs) {
    if (pair.target == target) return pair;
  }
  throw std::out_of_range("no such pair");
}

TEST(Findings, TellsFoundFromNoneFromUndecided) {
  // 0.1 counts: attribute 1 rises by far more, 2 falls by about as much, 3 stays.
  const auto pairs =
      pair_effects({trial_with(at::tensor({0.8, 0.4, -0.1, 0.}, at::kDouble))}, all_targets(), {});
  ASSERT_EQ(pairs.size(), 3u) << "all but the attribute itself";
  EXPECT_EQ(pairs.front().target, 1u) << "what is found ranks first";
  EXPECT_EQ(pairs.front().verdict, Verdict::kFound);
  EXPECT_EQ(pair_with(pairs, 2).verdict, Verdict::kUndecided);
  EXPECT_EQ(pair_with(pairs, 3).verdict, Verdict::kNo);
  const KindEffect& found = pairs.front().kinds.front();
  EXPECT_NEAR(found.effect.value, 0.4, 0.06);
  EXPECT_NEAR(found.put_in, 0.4, 0.08);
  EXPECT_NEAR(found.taken, -0.4, 0.08);
  EXPECT_LT(found.family_p, 0.001);
}

TEST(Findings, OfTooFewImagesAreNoTestsAmongTheOthers) {
  const EditTrial judged = trial_with(at::tensor({0.02, 0., 0., 0.}, at::kDouble));
  EditTrial unjudged = judged;
  unjudged.edited = at::full_like(judged.edited, std::nan(""));
  const double alone = own_effects({judged}, all_targets(), {})[0].fdr;
  const auto effects = own_effects({judged, unjudged}, all_targets(), {});
  EXPECT_LT(alone, 0.5);
  EXPECT_EQ(effects[0].fdr, alone);
  EXPECT_EQ(effects[1].fdr, 1);
}

TEST(Findings, AnEffectThatIsSureButSmallIsNone) {
  const auto pairs =
      pair_effects({trial_with(at::tensor({0.8, 0.065, 0., 0.}, at::kDouble))}, all_targets(), {});
  EXPECT_LT(pair_with(pairs, 1).kinds.front().p, 0.05);
  EXPECT_EQ(pair_with(pairs, 1).verdict, Verdict::kNo);
}

TEST(Findings, WhatEveryKindOfEditFindsRanksBeforeWhatOneFinds) {
  const auto pairs =
      pair_effects({trial_with(at::tensor({0.8, 0.4, 0.9, 0.}, at::kDouble)),
                    trial_with(at::tensor({0.8, 0.3, 0., 0.}, at::kDouble), EditKind::kExample, 2)},
                   all_targets(), {});
  EXPECT_EQ(pairs[0].target, 1u);
  EXPECT_EQ(pairs[0].agreeing(), 2);
  EXPECT_EQ(pairs[1].target, 2u);
  EXPECT_EQ(pairs[1].agreeing(), 1);
  EXPECT_EQ(pairs[1].verdict, Verdict::kFound);
}

TEST(Findings, EditsOfTheSamePrototypeAreOneWayOfEditing) {
  const auto effects = [](double first, double second) {
    return at::tensor({0.8, first, second, 0.}, at::kDouble);
  };
  const auto pairs =
      pair_effects({trial_with(effects(0.3, 0.7)), trial_with(effects(0., 0.7), EditKind::kUnguided, 2),
                    trial_with(effects(0., 0.7), EditKind::kCorrelated, 3),
                    trial_with(effects(0.3, 0.), EditKind::kExample, 4)},
                   all_targets(), {});
  EXPECT_EQ(pairs[0].target, 1u) << "by the prototype and by example";
  EXPECT_EQ(pairs[0].agreeing(), 2);
  EXPECT_EQ(pairs[0].ways(), 2);
  EXPECT_EQ(pairs[1].target, 2u) << "by three edits, but of one prototype";
  EXPECT_EQ(pairs[1].agreeing(), 1);
}

TEST(Findings, TakesTheKindThatIsFarthestFromZero) {
  const auto pairs =
      pair_effects({trial_with(at::tensor({0.8, 0., -0.2, 0.}, at::kDouble)),
                    trial_with(at::tensor({0.8, 0., -0.5, 0.}, at::kDouble), EditKind::kExample, 2)},
                   all_targets(), {});
  EXPECT_EQ(pairs.front().target, 2u);
  EXPECT_EQ(pairs.front().strongest, 1u);
  EXPECT_EQ(pairs.front().kinds[1].kind, EditKind::kExample);
}

TEST(Findings, SkipsTargetsThatNobodyCanJudgeAndImagesOfWhichNothingIsKnown) {
  auto trial = trial_with(at::tensor({0.8, 0.4, 0.4, 0.}, at::kDouble));
  trial.direction.slice(0, 0, 20).fill_(0);
  trial.edited.slice(0, 0, 20).fill_(100);
  const auto pairs = pair_effects({trial}, at::tensor({1, 1, 0, 1}).to(at::kBool), {});
  EXPECT_EQ(pairs.size(), 2u);
  EXPECT_NEAR(pair_with(pairs, 1).kinds.front().effect.value, 0.4, 0.08);
}

TEST(Findings, SaysWhetherAnEditDoesWhatItIsFor) {
  const auto own = own_effects({trial_with(at::tensor({0.8, 0.4, 0., 0.}, at::kDouble))}, all_targets(), {});
  ASSERT_EQ(own.size(), 1u);
  EXPECT_NEAR(own.front().effect.value, 0.8, 0.06);
}

TEST(Findings, RaisesNoMoreFalseAlarmsThanItsLevel) {
  constexpr uint64_t kRuns = 100;
  int64_t alarms = 0;
  for (uint64_t run = 0; run < kRuns; ++run) {
    // Even effects of any size may count here: it is the p values that are tried.
    const auto pairs =
        pair_effects({trial_with(at::zeros({kAttributes}, at::kDouble), {}, 10 + run)}, all_targets(),
                     {.least_effect = 0, .flips = 400, .resamples = 200, .seed = run});
    alarms += pairs.front().verdict == Verdict::kFound;
  }
  EXPECT_LE(alarms, 11) << "5 are expected of 100; 11 in one of 100 such tests";
}

TEST(Findings, GoesByAKindThatFoundItBeforeOneThatIsFartherFromZero) {
  auto certain = trial_with(at::tensor({0.8, 0.3, 0., 0.}, at::kDouble));
  // Larger, but of too few images to be a test.
  auto large = trial_with(at::tensor({0.8, 0.9, 0., 0.}, at::kDouble), EditKind::kExample, 2);
  large.direction.slice(0, 4).fill_(0);
  const auto pairs = pair_effects({certain, large}, all_targets(), {});
  const auto& pair = pair_with(pairs, 1);
  ASSERT_EQ(pair.kinds[1].images, 4);
  EXPECT_FALSE(pair.kinds[1].is_found);
  EXPECT_EQ(pair.strongest, 0u);
  EXPECT_EQ(pair.agreeing(), 1);
}

TEST(Findings, KindsThatMoveItInOppositeDirectionsDoNotAgree) {
  const auto pairs =
      pair_effects({trial_with(at::tensor({0.8, 0.6, 0., 0.}, at::kDouble)),
                    trial_with(at::tensor({0.8, -0.4, 0., 0.}, at::kDouble), EditKind::kExample, 2)},
                   all_targets(), {});
  const auto& pair = pair_with(pairs, 1);
  EXPECT_TRUE(pair.kinds[0].is_found && pair.kinds[1].is_found);
  EXPECT_EQ(pair.agreeing(), 1);
}

TEST(Findings, NineteenImagesAreNoProofOfNothing) {
  auto trial = trial_with(at::tensor({0.8, 0., 0., 0.}, at::kDouble));
  trial.direction.slice(0, 20).fill_(0);
  EXPECT_EQ(pair_with(pair_effects({trial}, all_targets(), {}), 3).verdict, Verdict::kNo);
  trial.direction[0] = 0;
  EXPECT_EQ(pair_with(pair_effects({trial}, all_targets(), {}), 3).verdict, Verdict::kUndecided);
}

TEST(Findings, WhatIsNotThereAgainIsUndecidedAndRanksBehind) {
  const std::vector<EditTrial> trials{
      trial_with(at::tensor({0.8, 0.6, 0.4, 0.}, at::kDouble)),
      trial_with(at::tensor({0.8, 0.5, 0.4, 0.}, at::kDouble), EditKind::kExample, 2)};
  auto pairs = pair_effects(trials, all_targets(), {});
  ASSERT_EQ(pairs[0].target, 1u);
  ASSERT_EQ(pairs[1].verdict, Verdict::kFound);
  int64_t calls = 0;
  const auto again = [&](const EditTrial& trial) {
    ++calls;
    // Attribute 1 is not there again, and 2 is.
    return trial.direction.unsqueeze(1) * trial.direction.unsqueeze(1) *
           at::tensor({0.8, 0.05, 0.3, 0.}, at::kDouble);
  };
  repeat_findings(pairs, trials, again, {});
  EXPECT_EQ(pairs[0].target, 2u);
  EXPECT_EQ(pairs[0].verdict, Verdict::kFound);
  EXPECT_NEAR(*pairs[0].effect_with_more_steps, 0.3, 1e-9);
  EXPECT_EQ(pair_with(pairs, 1).verdict, Verdict::kUndecided);
  EXPECT_NEAR(*pair_with(pairs, 1).effect_with_more_steps, 0.05, 1e-9);
  EXPECT_FALSE(pair_with(pairs, 3).effect_with_more_steps.has_value()) << "nothing was found there";
  EXPECT_EQ(calls, pairs[0].strongest == pair_with(pairs, 1).strongest ? 1 : 2) << "once a trial";
}

TEST(Findings, AreRepeatedWithTwiceTheStepsOrAllThereAre) {
  EXPECT_EQ(repeat_steps(10, 21), 20);
  EXPECT_EQ(repeat_steps(15, 21), 21);
  EXPECT_EQ(repeat_steps(21, 21), 0);
}

TEST(Findings, AreRepeatedInTheImagesOfWhichSomethingIsKnown) {
  auto trial = trial_with(at::tensor({0.8, 0.6, 0., 0.}, at::kDouble));
  trial.direction.slice(0, 0, 20).fill_(0);
  const std::vector<EditTrial> trials{trial};
  auto pairs = pair_effects(trials, all_targets(), {});
  repeat_findings(pairs, trials,
                  [](const EditTrial& t) {
                    return t.direction.abs().unsqueeze(1) * at::full({1, 4}, 0.4);
                  },
                  {});
  EXPECT_NEAR(*pairs[0].effect_with_more_steps, 0.4, 1e-6) << "of forty images, not of sixty";
}

TEST(Findings, AnEffectThatTurnsAroundIsNotThereAgain) {
  const std::vector<EditTrial> trials{trial_with(at::tensor({0.8, -0.6, 0., 0.}, at::kDouble))};
  auto pairs = pair_effects(trials, all_targets(), {});
  ASSERT_EQ(pairs[0].verdict, Verdict::kFound);
  const auto again = [](const EditTrial& trial) { return at::full_like(trial.edited, 0.6); };
  repeat_findings(pairs, trials, again, {});
  EXPECT_EQ(pair_with(pairs, 1).verdict, Verdict::kUndecided);
}

TEST(Findings, AnEditThatDoesNothingToItsOwnAttributeProvesNothing) {
  for (const double own : {0.8, 0.05}) {
    const std::vector<EditTrial> trials{trial_with(at::tensor({own, 0.4, 0., 0.}, at::kDouble))};
    auto pairs = pair_effects(trials, all_targets(), {});
    discount_failed_edits(pairs, trials, own_effects(trials, all_targets(), {}), {});
    EXPECT_EQ(pair_with(pairs, 1).verdict, Verdict::kFound);
    EXPECT_EQ(pair_with(pairs, 3).verdict, own > 0.1 ? Verdict::kNo : Verdict::kUndecided);
  }
}

TEST(Findings, AnEditThatTakesItsAttributeAwayFindsNothing) {
  const std::vector<EditTrial> trials{
      trial_with(at::tensor({0.6, 0.3, 0., 0.}, at::kDouble)),
      trial_with(at::tensor({-0.6, -0.5, -0.5, 0.}, at::kDouble), EditKind::kExample, 2)};
  auto pairs = pair_effects(trials, all_targets(), {});
  ASSERT_EQ(pairs.front().kinds[1].is_found, true);
  discount_failed_edits(pairs, trials, own_effects(trials, all_targets(), {}), {});
  EXPECT_EQ(pair_with(pairs, 1).verdict, Verdict::kFound);
  EXPECT_EQ(pair_with(pairs, 1).strongest, 0u);
  EXPECT_EQ(pair_with(pairs, 2).verdict, Verdict::kUndecided) << "which that edit alone had found";
  EXPECT_EQ(pairs.front().target, 1u);
}

TEST(Findings, AJudgeThatIsNotBelievedTakesNothingBackAndProvesNothing) {
  const std::vector<EditTrial> trials{trial_with(at::tensor({-0.8, 0.4, 0., 0.}, at::kDouble))};
  const auto reliable = at::tensor({0, 1, 1, 1}).to(at::kBool);
  auto pairs = pair_effects(trials, reliable, {});
  const auto own = own_effects(trials, reliable, {});
  EXPECT_TRUE(std::isnan(own.front().effect.value));
  EXPECT_EQ(own.front().images, 0);
  discount_failed_edits(pairs, trials, own, {});
  EXPECT_EQ(pair_with(pairs, 1).verdict, Verdict::kFound);
  EXPECT_EQ(pair_with(pairs, 3).verdict, Verdict::kUndecided) << "whether the edit works is not known";
}

TEST(Findings, AreOneFamilyOfAllTrialsAndTargets) {
  const std::vector<EditTrial> trials{
      trial_with(at::tensor({0.8, 0.03, 0., 0.02}, at::kDouble)),
      trial_with(at::tensor({0.8, 0., 0.04, 0.}, at::kDouble), EditKind::kExample, 2)};
  std::vector<double> p, fdr;
  for (const auto& pair : pair_effects(trials, all_targets(), {})) {
    ASSERT_EQ(pair.kinds.size(), 2u);
    EXPECT_EQ(pair.kinds[0].kind, EditKind::kSingle);
    EXPECT_EQ(pair.kinds[1].kind, EditKind::kExample);
    for (const auto& kind : pair.kinds) {
      EXPECT_GE(kind.family_p, kind.p) << "among more tests an effect is less sure";
      EXPECT_GE(kind.fdr, kind.p);
      EXPECT_LE(kind.effect.low, kind.effect.value);
      EXPECT_GE(kind.effect.high, kind.effect.value);
      p.push_back(kind.p);
      fdr.push_back(kind.fdr);
    }
  }
  ASSERT_EQ(p.size(), 6u);
  const size_t largest = static_cast<size_t>(std::max_element(p.begin(), p.end()) - p.begin());
  EXPECT_NEAR(fdr[largest], p[largest], 1e-12) << "Benjamini and Hochberg leave the largest of all six";
  const auto alone = pair_effects({trials[0]}, at::tensor({0, 1, 0, 0}).to(at::kBool), {});
  EXPECT_EQ(alone.front().kinds[0].family_p, alone.front().kinds[0].p) << "of a single test";
}

TEST(Findings, OfAnAttributesAbsenceAreThoseOfTheAttributeTurnedRound) {
  const auto trial = trial_with(at::tensor({0.8, 0.4, 0., 0.}, at::kDouble));
  EditTrial absence = trial;
  absence.edited = 1 - trial.edited;
  absence.control = 1 - trial.control;
  const auto effect = [](const EditTrial& of) {
    return pair_with(pair_effects({of}, all_targets(), {}), 1).kinds.front();
  };
  EXPECT_NEAR(effect(absence).effect.value, -effect(trial).effect.value, 1e-12);
  EXPECT_NEAR(effect(absence).put_in, -effect(trial).put_in, 1e-12);
  EXPECT_EQ(effect(absence).p, effect(trial).p);
  EXPECT_TRUE(effect(absence).is_found);
}

TEST(Findings, TellsPuttingInFromTakingAwayAndWhatWasNeverDone) {
  auto trial = trial_with(at::zeros({kAttributes}, at::kDouble));
  trial.edited = trial.control.clone();
  // B rises where A is put in, and stays where A is taken away.
  trial.edited.select(1, 1) += 0.6 * (trial.direction > 0);
  const auto effect = [](const EditTrial& of) {
    return pair_with(pair_effects({of}, all_targets(), {}), 1).kinds.front();
  };
  EXPECT_NEAR(effect(trial).put_in, 0.6, 1e-6);
  EXPECT_NEAR(effect(trial).taken, 0, 1e-6);
  EXPECT_NEAR(effect(trial).effect.value, 0.3, 1e-6) << "of as many images of both";
  trial.direction.clamp_min_(0);
  EXPECT_NEAR(effect(trial).put_in, 0.6, 1e-6);
  EXPECT_TRUE(std::isnan(effect(trial).taken));
  EXPECT_EQ(effect(trial).images, kImages / 2);
}

TEST(Findings, CountOnlyBeyondWhatIsAskedFor) {
  const auto trial = trial_with(at::tensor({0.8, 0.4, 0., 0.}, at::kDouble));
  const auto verdict = [&](const FindingOptions& options) {
    return pair_with(pair_effects({trial}, all_targets(), options), 1).verdict;
  };
  EXPECT_EQ(verdict({.least_effect = 0.3}), Verdict::kFound);
  EXPECT_EQ(verdict({.least_effect = 0.4}), Verdict::kUndecided);
  EXPECT_EQ(verdict({.least_effect = 0.5}), Verdict::kNo);
  EXPECT_EQ(verdict({.significance_level = 0}), Verdict::kUndecided) << "no p is that small";
}

TEST(Findings, AreTheSameEveryTime) {
  const std::vector<EditTrial> trials{trial_with(at::tensor({0.8, 0.1, 0., 0.}, at::kDouble))};
  const auto first = pair_effects(trials, all_targets(), {}), again = pair_effects(trials, all_targets(), {});
  for (size_t i = 0; i < first.size(); ++i) {
    EXPECT_EQ(first[i].target, again[i].target);
    EXPECT_EQ(first[i].kinds[0].effect.low, again[i].kinds[0].effect.low);
    EXPECT_EQ(first[i].kinds[0].p, again[i].kinds[0].p);
  }
  EXPECT_TRUE(pair_effects(trials, at::zeros({kAttributes}, at::kBool), {}).empty());
}

TEST(Findings, SaysWhyAPairDependsAnywayAndRanksItLast) {
  auto pairs = pair_effects({trial_with(at::tensor({0.8, 0.4, 0., 0.}, at::kDouble))}, all_targets(), {});
  set_dependences(pairs, {"smile", "frown", "hat", "glasses"}, {{"frown", "smile", "exclude each other"}});
  EXPECT_EQ(pairs.back().dependence, "exclude each other") << "though its effect is the strongest";
  EXPECT_EQ(pairs.back().verdict, Verdict::kFound);
  EXPECT_FALSE(pairs.back().is_finding());
  EXPECT_EQ(pair_with(pairs, 2).dependence, "");
}

TEST(Findings, WhatWasMeasuredInNoImageRanksLast) {
  auto trial = trial_with(at::tensor({0.8, 0.4, 0., 0.}, at::kDouble));
  trial.edited.select(1, 2).fill_(std::nan(""));
  const auto pairs = pair_effects({trial}, all_targets(), {});
  EXPECT_EQ(pairs.back().target, 2u);
  EXPECT_EQ(pairs.back().verdict, Verdict::kUndecided);
}

TEST(Findings, AFewImagesAreNoProofOfNothing) {
  auto trial = trial_with(at::tensor({0.8, 0., 0., 0.}, at::kDouble));
  trial.direction.slice(0, 3).fill_(0);
  trial.edited.slice(0, 0, 3).copy_(trial.control.slice(0, 0, 3));
  for (const auto& pair : pair_effects({trial}, all_targets(), {})) {
    EXPECT_EQ(pair.verdict, Verdict::kUndecided);
  }
}

}  // namespace
}  // namespace patronus
