#include "patronus/diffusion/slerp.h"

#include <ATen/Functions.h>
#include <ATen/TensorOperators.h>
#include <gtest/gtest.h>

#include "patronus/core/random.h"
#include "support/parity.h"

namespace patronus {
namespace {

at::Tensor row_of(std::vector<double> values) {
  return at::tensor(values, at::kDouble).unsqueeze(0);
}

at::Tensor random_rows(uint64_t seed, at::IntArrayRef shape) {
  return at::rand(shape, make_generator(seed), at::kDouble) * 2 - 1;
}

TEST(Slerp, FollowsTheGreatCircleBetweenRightAngles) {
  const auto middle = slerp(row_of({1, 0, 2, 0}), row_of({0, 1, 0, 3}), 0.5);
  EXPECT_TRUE(test::close(middle, row_of({0.7071, 0.7071, 1.4142, 2.1213}), 1e-4));
}

TEST(Slerp, IsTheSameFromEitherEnd) {
  const auto a = random_rows(1, {4, 3, 2}), b = random_rows(2, {4, 3, 2});
  for (const double weight : {0.1, 0.5, 0.8})
    EXPECT_TRUE(test::close(slerp(a, b, weight), slerp(b, a, 1 - weight), 1e-12)) << weight;
}

TEST(Slerp, OfTwoPointsOfAnArcStaysOnIt) {
  const auto unit = [](uint64_t seed) {
    const auto rows = random_rows(seed, {4, 6});
    return rows / rows.norm(2, 1, /*keepdim=*/true);
  };
  const auto a = unit(1), b = unit(2);
  EXPECT_TRUE(test::close(slerp(slerp(a, b, 0.2), slerp(a, b, 0.6), 0.5), slerp(a, b, 0.4), 1e-12));
}

TEST(Slerp, TakesTheAngleFromNormalisedRowsOnly) {
  const auto middle = slerp(row_of({1, 0, 2, 0}), row_of({1, 1, 1, 1}), 0.5);
  EXPECT_TRUE(test::close(middle, row_of({1.0941, 0.5470, 1.6411, 0.5470}), 1e-4));
}

TEST(Slerp, StartsAndEndsAtItsArguments) {
  const auto a = random_rows(1, {3, 2, 4, 4}), b = random_rows(2, {3, 2, 4, 4});
  EXPECT_TRUE(test::close(slerp(a, b, 0), a, 1e-12));
  EXPECT_TRUE(test::close(slerp(a, b, 1), b, 1e-12));
}

TEST(Slerp, TreatsEveryRowOnItsOwn) {
  const auto a = random_rows(1, {3, 5}), b = random_rows(2, {3, 5});
  const auto together = slerp(a, b, 0.3);
  for (int64_t i = 0; i < 3; ++i) {
    EXPECT_TRUE(
        test::close(together.narrow(0, i, 1), slerp(a.narrow(0, i, 1), b.narrow(0, i, 1), 0.3), 1e-14));
  }
}

TEST(Slerp, KeepsTheLengthBetweenRowsOfEqualLength) {
  const auto a = row_of({3, 4, 0}), b = row_of({0, 3, 4});
  for (const double weight : {0.1, 0.5, 0.8})
    EXPECT_NEAR(slerp(a, b, weight).norm().item<double>(), 5, 1e-12);
}

TEST(Slerp, IsLinearWhereTheAngleIsZeroOrPi) {
  const auto a = row_of({1, 2, 3});
  EXPECT_TRUE(test::close(slerp(a, 2 * a, 0.25), 1.25 * a, 1e-12));
  EXPECT_TRUE(test::close(slerp(a, -a, 0.25), 0.5 * a, 1e-12));
  EXPECT_TRUE(test::close(slerp(a, a + 1e-9, 0.5), a, 1e-8));
}

TEST(Slerp, OfAZeroRowIsLinearAndFinite) {
  EXPECT_TRUE(test::close(slerp(row_of({0, 0}), row_of({2, 4}), 0.25), row_of({0.5, 1}), 1e-12));
}

TEST(Slerp, KeepsTheDtype) {
  EXPECT_EQ(slerp(row_of({1, 0}).to(at::kFloat), row_of({0, 1}).to(at::kFloat), 0.5).scalar_type(),
            at::kFloat);
}

}  // namespace
}  // namespace patronus
