#include "patronus/diagnosis/association.h"

#include <ATen/Functions.h>
#include <ATen/TensorOperators.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <stdexcept>

#include "patronus/core/random.h"

namespace patronus {
namespace {

/// Attributes of which the second copies the first in a share of `together` of 600 images.
at::Tensor judged(double together, uint64_t seed) {
  const auto a = at::randint(0, 2, {600, 3}, make_generator(seed), at::kLong).to(at::kBool);
  const auto copies = at::rand({600}, make_generator(seed + 1)) < together;
  a.select(1, 1).copy_(at::where(copies, a.select(1, 0), a.select(1, 1)));
  return a;
}

TEST(Association, SaysWhatIsExaggeratedAndWhatIsNot) {
  const auto training = at::full({3, 3}, 0.3, at::kDouble);
  const auto all = associations(training, judged(0.3, 1), judged(0.8, 11), at::ones({3}, at::kBool));
  ASSERT_EQ(all.size(), 3u);
  EXPECT_EQ(all.front().a, 0u);
  EXPECT_EQ(all.front().b, 1u);
  EXPECT_TRUE(all.front().is_amplified());
  EXPECT_NEAR(all.front().real.value, 0.3, 0.1);
  EXPECT_NEAR(all.front().generated.value, 0.8, 0.1);
  EXPECT_NEAR(all.front().difference.value, 0.5, 0.12);
  EXPECT_EQ(all.front().training, 0.3);
  EXPECT_EQ(all.front().drawn_from, ActivationSource::kTestImages);
}

TEST(Association, TheSameImagesExaggerateNothing) {
  const auto images = judged(0.5, 3);
  for (const auto& pair : associations(at::eye(3, at::kDouble), images, images, at::ones({3}, at::kBool))) {
    EXPECT_FALSE(pair.is_amplified());
    EXPECT_EQ(pair.difference.value, 0);
  }
}

TEST(Association, LeavesOutWhatDoesNotCount) {
  const auto images = judged(0.5, 5);
  const auto counts = at::tensor({1, 0, 1}).to(at::kBool);
  const auto all = associations(at::eye(3, at::kDouble), images, images, counts);
  ASSERT_EQ(all.size(), 1u);
  EXPECT_EQ(all.front().b, 2u);
  EXPECT_TRUE(associations(at::eye(3, at::kDouble), images, images, at::zeros({3}, at::kBool)).empty());
}

/// 400 images of two attributes whose phi is `r` exactly, both there in half of them.
at::Tensor tied(double r) {
  const auto a = at::arange(400) < 200;
  const auto together = at::arange(400).remainder(200) < std::lround(100 * (1 + r));
  return at::stack({a, together == a}, 1);
}

TEST(Association, IsExaggeratedWhetherAttributesBringOrExcludeEachOther) {
  const auto both = at::ones({2}, at::kBool);
  const auto training = at::tensor({1., -0.2, -0.2, 1.}, at::kDouble).view({2, 2});
  const auto of = [&](double real, double generated) {
    return associations(training, tied(real), tied(generated), both, ActivationSource::kLatentModel).at(0);
  };
  const Association opposed = of(-0.1, -0.8);
  EXPECT_EQ(opposed.training, -0.2);
  EXPECT_EQ(opposed.drawn_from, ActivationSource::kLatentModel);
  EXPECT_NEAR(opposed.real.value, -0.1, 1e-9);
  EXPECT_NEAR(opposed.generated.value, -0.8, 1e-9);
  EXPECT_NEAR(opposed.difference.value, 0.7, 1e-9);
  EXPECT_TRUE(opposed.is_amplified());
  EXPECT_LT(opposed.generated.low, -0.8);
  EXPECT_GT(opposed.generated.high, -0.8);
  EXPECT_FALSE(of(-0.8, -0.1).is_amplified()) << "it is weakened";
  EXPECT_FALSE(of(0.8, -0.8).is_amplified()) << "the other way round, but no stronger";
}

TEST(Association, ResamplesByTheSeed) {
  const auto low_of = [](uint64_t seed) {
    return associations(at::eye(2, at::kDouble), tied(0.1), tied(0.5), at::ones({2}, at::kBool),
                        ActivationSource::kTestImages, seed)
        .at(0)
        .difference.low;
  };
  EXPECT_EQ(low_of(3), low_of(3));
  EXPECT_NE(low_of(3), low_of(4));
}

TEST(Association, RanksByWhatIsSureAndPutsTheNumbersInOrder) {
  const auto counts = at::tensor({0, 1, 1, 1, 1}).to(at::kBool);
  const auto attributes = [](double second) {
    const auto order = at::randperm(400, make_generator(5), at::kLong);
    return at::cat({at::ones({400, 1}, at::kBool), tied(0.1), tied(second).index_select(0, order)}, 1);
  };
  const auto training = at::arange(25, at::kDouble).view({5, 5});
  const auto all = associations(training, attributes(0.1), attributes(0.9), counts);
  ASSERT_EQ(all.size(), 6u);
  EXPECT_EQ(all.front().a, 3u);
  EXPECT_EQ(all.front().b, 4u);
  for (size_t i = 0; i < all.size(); ++i) {
    EXPECT_LT(all[i].a, all[i].b);
    EXPECT_EQ(all[i].training, static_cast<double>(5 * all[i].a + all[i].b)) << "the pair's own";
    if (i > 0) {
      EXPECT_GE(all[i - 1].difference.low, all[i].difference.low);
    }
  }
}

TEST(Association, AttributesThatAreAlwaysTheSameInBothWidenNoOtherInterval) {
  const auto with_copy = [](const at::Tensor& x) { return at::cat({x, x.slice(1, 0, 1)}, 1); };
  const auto real = judged(0.3, 1), generated = judged(0.8, 11);
  const auto find = [](const std::vector<Association>& all, size_t a, size_t b) {
    for (const auto& pair : all) {
      if (pair.a == a && pair.b == b) return pair;
    }
    throw std::out_of_range("no such pair");
  };
  const auto all =
      associations(at::eye(4, at::kDouble), with_copy(real), with_copy(generated), at::ones({4}, at::kBool));
  const Association copy = find(all, 0, 3);
  EXPECT_NEAR(copy.real.value, 1, 1e-9);
  EXPECT_FALSE(copy.difference.low > 1e-9);
  EXPECT_GT(find(all, 0, 1).difference.low, 0.3);
}

TEST(Association, CallsNoPairAmplifiedByChanceHoweverManyThereAre) {
  constexpr int64_t kAttributes = 14, kImages = 300;  // 91 pairs
  int64_t runs_with_alarms = 0;
  for (uint64_t run = 0; run < 10; ++run) {
    const auto coins = [&](uint64_t n) {
      return at::randint(0, 2, {kImages, kAttributes}, make_generator(2 * run + n), at::kLong).to(at::kBool);
    };
    const auto all = associations(at::eye(kAttributes, at::kDouble), coins(0), coins(1),
                                  at::ones({kAttributes}, at::kBool));
    runs_with_alarms += std::any_of(all.begin(), all.end(), [](const auto& a) { return a.is_amplified(); });
  }
  EXPECT_LE(runs_with_alarms, 2) << "a half is expected of 10";
}

}  // namespace
}  // namespace patronus
