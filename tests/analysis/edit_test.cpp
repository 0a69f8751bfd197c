#include "patronus/analysis/edit.h"

#include <ATen/Functions.h>
#include <ATen/TensorOperators.h>
#include <gtest/gtest.h>

#include "patronus/core/random.h"
#include "support/failure.h"
#include "support/named.h"
#include "support/parity.h"

namespace patronus {
namespace {

const at::Tensor kActivation = at::tensor({1.0, 2.0, 3.0, 4.0, 5.0, 6.0}).view({2, 3});
const PlausibleRange kRange{.minimum = at::tensor({0.5, 3.0, 3.5}), .maximum = at::tensor({2.5, 2.5, 10.0})};

at::Tensor after(const std::string& text) {
  return apply_edit(kActivation, parse_edit(text), kRange);
}

at::Tensor rows(std::initializer_list<double> values) {
  return at::tensor(std::vector<double>(values)).view({2, 3});
}

TEST(Edit, SetsScalesAddsAndRaisesAsItIsWritten) {
  EXPECT_TRUE(at::equal(after("1=0.5"), rows({1, 0.5, 3, 4, 0.5, 6})));
  EXPECT_TRUE(at::equal(after("1=-0.5"), rows({1, -0.5, 3, 4, -0.5, 6})));
  EXPECT_TRUE(at::equal(after("2=off"), rows({1, 2, 0, 4, 5, 0})));
  EXPECT_TRUE(at::equal(after("0x1.5"), rows({1.5, 2, 3, 6, 5, 6})));
  EXPECT_TRUE(at::equal(after("0+0.5"), rows({1.5, 2, 3, 4.5, 5, 6})));
  EXPECT_TRUE(at::equal(after("0-0.5"), rows({0.5, 2, 3, 3.5, 5, 6})));
  EXPECT_TRUE(at::equal(after("0,2=1e1"), rows({10, 2, 10, 10, 5, 10})));
}

TEST(Edit, MayHaveBlanksAroundItsParts) {
  EXPECT_TRUE(at::equal(after(" 1 = 0.5 "), after("1=0.5")));
  EXPECT_TRUE(at::equal(after("0, 1 = max"), after("0,1=max")));
  EXPECT_TRUE(at::equal(after("0 x 1.5"), after("0x1.5")));
  EXPECT_TRUE(at::equal(after("0 - 0.5"), after("0-0.5")));
  EXPECT_EQ(parse_sweep("2 = 0 : max : 3").to.kind, EditSweep::End::Kind::kMaximum);
  EXPECT_TRUE(parse_sweep("example = 0:2:3").prototypes.empty());
}

TEST(Edit, ToTheMaximumLowersNothing) {
  EXPECT_TRUE(at::equal(after("0,1=max"), rows({2.5, 2.5, 3, 4, 5, 6})));
}

TEST(Edit, ToTheMinimumRaisesNothing) {
  EXPECT_TRUE(at::equal(after("1,2=min"), rows({1, 2, 3, 4, 3, 3.5})));
}

TEST(Edit, LeavesItsArgumentAlone) {
  const auto before = kActivation.clone();
  after("0=9");
  EXPECT_TRUE(at::equal(kActivation, before));
}

TEST(Edit, IsRefusedWhenMalformed) {
  for (const std::string text :
       {"", "12", "=max", "12=", "12=high", "12:3", "a=1", "1,=2", ",1=2", "-1=2", "1x", "1=0.5x", "1+-0.3",
        "1--0.3", "1=nan", "1=inf", "1 2", "99999999999999999999=1"}) {
    EXPECT_EQ(test::message_of([&] { parse_edit(text); }),
              "edit '" + text +
                  "': expected as 12=max, 12=min, 12=0.8, 12=off, 12x1.5, 12+0.3, 12-0.3 or 3,7,12=max")
        << text;
  }
}

TEST(Edit, TakesNamesForNumbers) {
  const PrototypeNames names = test::named("1: box hat-2\n2: nose\n0: nose\n", 3);
  const auto prototypes = [&](const std::string& text) { return parse_edit(text, names).prototypes; };
  EXPECT_EQ(prototypes("nose=max"), (std::vector<int64_t>{0, 2})) << "all that are called so";
  EXPECT_EQ(prototypes("1,nose=off"), (std::vector<int64_t>{1, 0, 2}));
  const Edit edit = parse_edit("box hat-2-0.5", names);
  EXPECT_EQ(edit.prototypes, std::vector<int64_t>{1});
  EXPECT_EQ(edit.value, -0.5);
  EXPECT_EQ(parse_edit("box hat-2x1.5", names).kind, Edit::Kind::kScale);
  EXPECT_EQ(parse_sweep("nose=min:max:3", names).prototypes, (std::vector<int64_t>{0, 2}));
  EXPECT_EQ(parse_prototypes("nose,1", names), (std::vector<int64_t>{0, 2, 1}));
  EXPECT_EQ(test::message_of([&] { parse_prototypes("eyes", names); }),
            "prototypes 'eyes': expected numbers, as 0,3,7, or all; or by a name: nose, box hat-2, nose");
}

TEST(Edit, TakesNamesInAnyCaseWithSignsAndBlanks) {
  const PrototypeNames names = test::named("1: a=b\n2: 'c:d'\n", 3);
  EXPECT_EQ(parse_edit("A=b=max", names).prototypes, std::vector<int64_t>{1});
  EXPECT_EQ(parse_edit("0, a=b , c:D=-1", names).prototypes, (std::vector<int64_t>{0, 1, 2}));
  EXPECT_EQ(parse_sweep("c:d, a=b=0:1:3", names).prototypes, (std::vector<int64_t>{2, 1}));
  EXPECT_EQ(parse_prototypes("C:D, 0", names), (std::vector<int64_t>{2, 0}));
}

TEST(Edit, OfAPrototypeThatThereIsNotIsRefused) {
  EXPECT_EQ(test::message_of([] { after("3=1"); }), "prototype 3: the model has 3, numbered from 0 to 2");
}

TEST(EditSweep, SetsEvenlySpacedValuesBothEndsIncluded) {
  const EditSweep sweep = parse_sweep("2,0=-1:1:5");
  EXPECT_EQ(sweep.count, 5);
  EXPECT_TRUE(at::equal(apply_sweep(kActivation, sweep, 0, {}), rows({-1, 2, -1, -1, 5, -1})));
  EXPECT_TRUE(at::equal(apply_sweep(kActivation, sweep, 3, {}), rows({0.5, 2, 0.5, 0.5, 5, 0.5})));
  EXPECT_TRUE(at::equal(apply_sweep(kActivation, sweep, 4, {}), rows({1, 2, 1, 1, 5, 1})));
}

TEST(EditSweep, OverThePlausibleRangeGivesEachPrototypeItsOwnValues) {
  const EditSweep sweep = parse_sweep("2,0=min:max:3");
  EXPECT_TRUE(at::equal(apply_sweep(kActivation, sweep, 0, kRange), rows({0.5, 2, 3.5, 0.5, 5, 3.5})));
  EXPECT_TRUE(at::equal(apply_sweep(kActivation, sweep, 1, kRange), rows({1.5, 2, 6.75, 1.5, 5, 6.75})));
}

TEST(EditSweep, OfAnExampleTouchesNoPrototype) {
  const EditSweep sweep = parse_sweep("example=0:2:3");
  EXPECT_EQ(sweep_value(sweep, 1), 1);
  EXPECT_TRUE(at::equal(apply_sweep(kActivation, sweep, 2, kRange), kActivation));
}

TEST(EditSweep, IsRefusedWhenMalformed) {
  for (const std::string text : {"", "2", "2=", "=0:1:3", "2=0:1", "2=0:1:x", "2=0:1:3:4", "examples=0:1:3",
                                 "example=min:max:3", "2=low:1:3"}) {
    EXPECT_EQ(test::message_of([&] { parse_sweep(text); }),
              "sweep '" + text + "': expected as 12=min:max:7, 12=0:3:7 or example=0:2:5")
        << text;
  }
}

TEST(EditSweep, NeedsTwoValues) {
  for (const std::string count : {"1", "0", "-3"}) {
    EXPECT_EQ(test::message_of([&] { parse_sweep("2=0:1:" + count); }),
              "sweep '2=0:1:" + count +
                  "': expected at least 2 values, as in 12=0:3:7; one value is set by --edit 12=3");
  }
}

/// Three prototypes of which 1 is about -2 times 0, and 2 has nothing to do with them.
at::Tensor population() {
  const auto independent = at::randn({4000, 3}, make_generator(1), at::kDouble);
  const auto first = independent.select(1, 0);
  return at::stack({first, -2 * first + 0.1 * independent.select(1, 1), independent.select(1, 2)}, 1);
}

TEST(CorrelatedPrototypes, MoveAsTheyDoInRealImages) {
  const auto before = at::zeros({2, 3}, at::kDouble);
  const auto edited = apply_edit(before, parse_edit("0=3"), kRange);
  const auto followed = move_correlated(before, edited, population(), 0.5);
  EXPECT_TRUE(test::close(followed, rows({3, -6, 0, 3, -6, 0}), 0.02));
}

TEST(CorrelatedPrototypes, DoNotMoveWhatTheEditItselfChanges) {
  const auto before = at::zeros({2, 3}, at::kDouble);
  const auto edited = apply_edit(apply_edit(before, parse_edit("0=3"), kRange), parse_edit("1=1"), kRange);
  EXPECT_TRUE(at::equal(move_correlated(before, edited, population(), 0.5), edited));
}

TEST(CorrelatedPrototypes, FollowTheEditsOfTheirOwnImageAlone) {
  // The first image has prototype 1 at its asked value already: only prototype 0 changes there.
  const auto before = rows({0, 1, 0, 0, 0, 0});
  const auto edited = apply_edit(apply_edit(before, parse_edit("0=3"), kRange), parse_edit("1=1"), kRange);
  const auto both = move_correlated(before, edited, population(), 0.5);
  for (int64_t i = 0; i < 2; ++i) {
    const auto one = [i](const at::Tensor& all) { return all.slice(0, i, i + 1); };
    EXPECT_TRUE(at::equal(one(both), move_correlated(one(before), one(edited), population(), 0.5)));
  }
  EXPECT_NEAR(both[0][1].item<double>(), 1 - 6, 0.02);
  EXPECT_EQ(both[1][1].item<double>(), 1);
}

TEST(CorrelatedPrototypes, StayWhereNothingIsEdited) {
  const auto before = at::zeros({2, 3}, at::kDouble);
  EXPECT_TRUE(at::equal(move_correlated(before, before, population(), 0), before));
}

TEST(PrototypeList, IsReadStrictly) {
  EXPECT_EQ(parse_prototypes("0,3,7"), (std::vector<int64_t>{0, 3, 7}));
  EXPECT_EQ(parse_prototypes("3,0,3"), (std::vector<int64_t>{3, 0})) << "each once";
  EXPECT_EQ(parse_edit("1,0,1x2").prototypes, (std::vector<int64_t>{1, 0}));
  EXPECT_TRUE(parse_prototypes("all").empty());
  for (const std::string text :
       {"", "nose", "1,", "1,,2", "1 2", "2x", "1-3", "-1", "99999999999999999999"}) {
    EXPECT_EQ(test::message_of([&] { parse_prototypes(text); }),
              "prototypes '" + text + "': expected numbers, as 0,3,7, or all");
  }
}

}  // namespace
}  // namespace patronus
