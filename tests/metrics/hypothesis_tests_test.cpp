#include "patronus/metrics/hypothesis_tests.h"

#include <ATen/Functions.h>
#include <ATen/TensorOperators.h>
#include <gtest/gtest.h>

#include <limits>

#include "patronus/core/random.h"
#include "support/parity.h"

namespace patronus {
namespace {

double share(const at::Tensor& condition) {
  return condition.to(at::kDouble).mean().item<double>();
}

TEST(KolmogorovSmirnov, OfSmallSamplesAgreesWithTheValueByHand) {
  // Of 1 2 3 4 and 3 4 5: at 2 half of the first and none of the second; at 3 it is 3/4 and 1/3.
  const auto x = at::tensor({1.0, 2.0, 3.0, 4.0}).unsqueeze(1), y = at::tensor({3.0, 4.0, 5.0}).unsqueeze(1);
  EXPECT_NEAR(kolmogorov_smirnov(x, y).item<double>(), 0.5, 1e-12);
  EXPECT_EQ(kolmogorov_smirnov(x, x).item<double>(), 0);
  EXPECT_NEAR(kolmogorov_smirnov(x, x + 10).item<double>(), 1, 1e-12);
}

TEST(KolmogorovSmirnov, CountsTiesOnce) {
  const auto x = at::tensor({1.0, 1.0, 2.0, 2.0}).unsqueeze(1), y = at::tensor({1.0, 2.0}).unsqueeze(1);
  EXPECT_EQ(kolmogorov_smirnov(x, y).item<double>(), 0);
}

TEST(KolmogorovSmirnov, ApproachesTheDistanceOfTheDistributions) {
  // Between N(0, 1) and N(1, 1): Phi(1/2) - Phi(-1/2)
  const auto x = at::randn({50'000, 2}, make_generator(1), at::kDouble);
  auto shifted = at::randn({50'000, 2}, make_generator(2), at::kDouble);
  shifted.select(1, 1) += 1;
  const auto distance = kolmogorov_smirnov(x, shifted);
  EXPECT_NEAR(distance[0].item<double>(), 0, 0.012);
  EXPECT_NEAR(distance[1].item<double>(), 0.38292, 0.012);
}

TEST(SignFlip, GivesThePValueThatScipyGives) {
  const auto x = at::tensor({1.5, -0.2, 0.7, 1.1, 0.4, 0.9, -0.3, 0.8}, at::kDouble).unsqueeze(1);
  const auto test = sign_flip_test(x, {.flips = 40000});
  // scipy.stats.permutation_test(..., permutation_type="samples") over all 256 flips: 0.0390625.
  EXPECT_NEAR(test.p.item<double>(), 0.0390625, 0.004);
  EXPECT_EQ(test.p.item<double>(), test.family_p.item<double>()) << "a family of one";
  EXPECT_NEAR(test.t.item<double>(), 2.795277281658746, 1e-12);  // scipy.stats.ttest_1samp
}

TEST(SignFlip, CountsEveryFlipOnceHoweverManyThereAre) {
  const auto x = at::randn({12, 3}, make_generator(8), at::kDouble) + 0.3;
  const auto student = [](const at::Tensor& rows) { return (rows.mean(1) / rows.std(1)).abs(); };
  const auto own = student(x.unsqueeze(0));
  for (const int64_t flips : {1, 500, 501, 1234}) {
    const auto signs = at::randint(2, {flips, 12}, make_generator(7), at::kDouble) * 2 - 1;
    const auto flipped = student(signs.unsqueeze(2) * x);
    const auto share = [&](const at::Tensor& values) {
      return ((values >= own * (1 - 1e-9)).sum(0) + 1).to(at::kDouble) / (flips + 1);
    };
    const auto test = sign_flip_test(x, {.flips = flips, .seed = 7});
    EXPECT_TRUE(at::equal(test.p, share(flipped))) << flips;
    EXPECT_TRUE(at::equal(test.family_p, share(flipped.amax(1, /*keepdim=*/true)))) << flips;
  }
}

TEST(SignFlip, RaisesAsManyFalseAlarmsAsItSays) {
  // Far from normal, but as likely as its negative: an edit and its control.
  const auto x = at::randn({24, 600}, make_generator(3), at::kDouble).pow(3);
  EXPECT_NEAR(share(sign_flip_test(x, {.flips = 2000}).p <= 0.05), 0.05, 0.025);
}

TEST(SignFlip, KeepsTheChanceOfEvenOneFalseAlarm) {
  constexpr int64_t kFamilies = 300;
  int64_t alarms = 0, alone = 0;
  for (uint64_t family = 0; family < kFamilies; ++family) {
    const auto common = at::randn({20, 1}, make_generator(2 * family), at::kDouble);
    const auto x = common + at::randn({20, 12}, make_generator(2 * family + 1), at::kDouble);
    const auto test = sign_flip_test(x, {.flips = 400, .seed = family});
    alarms += (test.family_p <= 0.05).any().item<bool>();
    alone += (test.p <= 0.05).any().item<bool>();
  }
  EXPECT_NEAR(static_cast<double>(alarms) / kFamilies, 0.05, 0.035);
  EXPECT_GT(static_cast<double>(alone) / kFamilies, 0.12) << "which twelve tests by themselves do not";
}

TEST(SignFlip, FindsADifferenceAmongColumnsWithoutOne) {
  auto x = at::randn({48, 30}, make_generator(4), at::kDouble);
  x.select(1, 7) += 1.5;
  const auto test = sign_flip_test(x, {.flips = 2000});
  EXPECT_LT(test.family_p[7].item<double>(), 0.001);
  EXPECT_EQ((test.family_p <= 0.05).sum().item<int64_t>(), 1);
}

TEST(SignFlip, SkipsWhatIsNotKnownAndSeesNothingInZeros) {
  const double nan = std::numeric_limits<double>::quiet_NaN();
  const auto known = at::randn({12, 1}, make_generator(5), at::kDouble) + 0.5;
  const auto padded = at::cat({known, at::full({5, 1}, nan, at::kDouble)});
  EXPECT_NEAR(sign_flip_test(padded).t.item<double>(), sign_flip_test(known).t.item<double>(), 1e-12);
  EXPECT_NEAR(sign_flip_test(padded).p.item<double>(), sign_flip_test(known).p.item<double>(), 0.02);
  const auto zeros = sign_flip_test(at::zeros({10, 2}, at::kDouble));
  EXPECT_EQ(zeros.t.abs().max().item<double>(), 0);
  EXPECT_EQ(zeros.family_p.min().item<double>(), 1);
}

TEST(SignFlip, AColumnThatHardlyAnyRowKnowsHidesNoOther) {
  auto x = at::randn({48, 3}, make_generator(6), at::kDouble);
  x.select(1, 0) += 1.5;
  x.select(1, 2).slice(0, 0, 46).fill_(std::numeric_limits<double>::quiet_NaN());
  const auto test = sign_flip_test(x, {.flips = 2000});
  EXPECT_LT(test.family_p[0].item<double>(), 0.001);
  EXPECT_EQ(test.p[2].item<double>(), 1);
  EXPECT_EQ(test.family_p[2].item<double>(), 1);
}

TEST(FalseDiscovery, GivesWhatScipyGives) {
  // scipy.stats.false_discovery_control
  const auto adjusted = benjamini_hochberg(at::tensor({0.01, 0.04, 0.03, 0.005, 0.8}, at::kDouble));
  EXPECT_TRUE(test::close(adjusted, at::tensor({0.025, 0.05, 0.05, 0.025, 0.8}, at::kDouble), 1e-12));
}

TEST(FalseDiscovery, LeavesASingleTestAsItIs) {
  EXPECT_EQ(benjamini_hochberg(at::tensor({0.03}, at::kDouble)).item<double>(), 0.03);
}

}  // namespace
}  // namespace patronus
