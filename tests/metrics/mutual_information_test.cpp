#include "patronus/metrics/mutual_information.h"

#include <ATen/Functions.h>
#include <ATen/TensorOperators.h>
#include <gtest/gtest.h>

#include <cmath>

#include "patronus/core/random.h"
#include "patronus/core/unknown.h"
#include "support/parity.h"

namespace patronus {
namespace {

at::Tensor column(std::initializer_list<int64_t> values) {
  return at::tensor(std::vector<int64_t>(values), at::kLong).unsqueeze(1);
}

TEST(Entropy, IsInNatsAndExactlyNothingOfAColumnThatDoesNotVary) {
  const auto x = at::cat({column({0, 1, 1, 0}), column({2, 0, 2, 1}), column({3, 3, 3, 3})}, 1);
  const auto h = entropy(x);
  EXPECT_NEAR(h[0].item<double>(), std::log(2), 1e-15);
  EXPECT_NEAR(h[1].item<double>(), 0.5 * std::log(2) + 0.5 * std::log(4), 1e-15);
  EXPECT_EQ(h[2].item<double>(), 0);
}

TEST(MutualInformation, OfSmallTablesAgreesWithTheValueByHand) {
  const auto a = column({0, 0, 0, 0, 1, 1, 1, 1});
  const auto b = at::cat({column({0, 0, 0, 1, 1, 1, 1, 0}), column({0, 0, 1, 1, 0, 0, 1, 1}),
                          column({2, 2, 2, 2, 0, 0, 0, 0}), column({1, 1, 1, 1, 1, 1, 1, 1})},
                         1);
  const auto information = mutual_information(a, b);
  ASSERT_EQ(information.sizes(), at::IntArrayRef({1, 4}));
  const double agree = 2 * (3.0 / 8) * std::log(3.0 / 2), differ = 2 * (1.0 / 8) * std::log(1.0 / 2);
  EXPECT_NEAR(information[0][0].item<double>(), agree + differ, 1e-15);
  EXPECT_NEAR(information[0][1].item<double>(), 0, 1e-15) << "independent";
  EXPECT_NEAR(information[0][2].item<double>(), std::log(2), 1e-15) << "the same under other names";
  EXPECT_NEAR(information[0][3].item<double>(), 0, 1e-15) << "does not vary";
}

TEST(MutualInformation, IsSymmetricAndNeverNegative) {
  const auto x = at::randint(0, 5, {500, 6}, make_generator(1), at::kLong);
  const auto information = mutual_information(x, x);
  EXPECT_TRUE(test::close(information, information.t(), 1e-14));
  EXPECT_TRUE(test::close(information.diagonal(), entropy(x), 1e-14));
  EXPECT_GE(information.min().item<double>(), 0);
}

TEST(MutualInformation, ComesFromTheRowsInWhichBothAreKnown) {
  const auto a = at::randint(kUnknown, 3, {300, 2}, make_generator(2), at::kLong);
  const auto b = at::randint(kUnknown, 2, {300, 2}, make_generator(3), at::kLong);
  const auto information = mutual_information(a, b);
  for (int64_t i = 0; i < 2; ++i) {
    EXPECT_EQ(entropy(a)[i].item<double>(),
              entropy(a.index_select(0, known_rows(a.select(1, i))).narrow(1, i, 1)).item<double>());
    for (int64_t j = 0; j < 2; ++j) {
      const auto rows = ((a.select(1, i) >= 0) & (b.select(1, j) >= 0)).nonzero().squeeze(1);
      const auto known = mutual_information(a.index_select(0, rows).narrow(1, i, 1),
                                            b.index_select(0, rows).narrow(1, j, 1));
      EXPECT_NEAR(information[i][j].item<double>(), known.item<double>(), 1e-14);
    }
  }
}

TEST(EqualWidthBins, SpanEveryColumnFromItsSmallestToItsLargestValue) {
  const auto x = at::tensor({0.0f, 0.2f, 0.25f, 0.5f, 0.75f, 1.0f}).unsqueeze(1);
  const auto bins = column({0, 0, 1, 2, 3, 3});
  EXPECT_TRUE(at::equal(equal_width_bins(at::cat({x, 8 * x - 3, at::full_like(x, 0.1)}, 1), 4),
                        at::cat({bins, bins, at::zeros_like(bins)}, 1)));
}

TEST(Redundancy, IsTheShareOfAnAttributeThatAnotherTells) {
  auto generator = make_generator(1);
  const auto base = at::randint(0, 2, {2000, 1}, generator, at::kLong);
  const auto other = at::randint(0, 2, {2000, 1}, generator, at::kLong);
  const auto nearly = at::where(at::rand({2000, 1}, generator) < 0.95, base, 1 - base);
  const auto told = redundancy(at::cat({base, other, nearly}, 1));
  // Flipped with probability f, a fair coin keeps ln 2 - H(f): 0.714 of it at f = 0.05.
  EXPECT_NEAR(told[0].item<double>(), 0.714, 0.04);
  EXPECT_NEAR(told[2].item<double>(), 0.714, 0.04);
  EXPECT_LT(told[1].item<double>(), 0.01);
}

TEST(Redundancy, OfAnAttributeThatDoesNotVaryIsWhole) {
  const auto told = redundancy(at::cat({column({0, 1, 0, 1}), column({1, 1, 1, 1})}, 1));
  EXPECT_EQ(told[1].item<double>(), 1);
  EXPECT_EQ(told[0].item<double>(), 0);
}

TEST(Redundancy, IsSmallForAnotherThatIsKnownInAFewRows) {
  const auto coin = at::arange(8000, at::kLong).remainder(2).unsqueeze(1);
  const auto rare = at::full_like(coin, kUnknown);
  rare.slice(0, 0, 4).copy_(coin.slice(0, 0, 4));
  EXPECT_NEAR(mutual_information(coin, rare).item<double>(), std::log(2), 1e-15);
  const auto told = redundancy(at::cat({coin, rare}, 1));
  EXPECT_NEAR(told[0].item<double>(), 4. / 8000, 1e-15);
  EXPECT_NEAR(told[1].item<double>(), 1, 1e-15) << "all that is known of it is told";
}

TEST(Redundancy, OfASingleAttributeIsNothing) {
  EXPECT_EQ(redundancy(column({0, 1, 1})).item<double>(), 0);
}

}  // namespace
}  // namespace patronus
