#include "patronus/core/standardizer.h"

#include <ATen/Functions.h>
#include <gtest/gtest.h>

#include "patronus/core/random.h"
#include "support/parity.h"

namespace patronus {
namespace {

TEST(Standardizer, BringsColumnsToMeanZeroAndDeviationOneAndBack) {
  const auto x = at::randn({50, 3}, make_generator(1), at::kDouble) * at::tensor({1e-3, 1.0, 1e3}) + 7;
  const Standardizer scale = fit_standardizer(x);
  const auto z = scale.transform(x);
  EXPECT_TRUE(test::close(z.mean(0), at::zeros({3}), 1e-11));
  EXPECT_TRUE(test::close(z.square().mean(0), at::ones({3}), 1e-11));
  EXPECT_TRUE(test::close(scale.inverse_transform(z), x, 1e-12, 1e-12));
}

TEST(Standardizer, KeepsTheUnitOfAColumnThatDoesNotVary) {
  const Standardizer scale = fit_standardizer(at::tensor({1.0f, 5.0f, 3.0f, 5.0f}).view({2, 2}));
  EXPECT_TRUE(at::equal(scale.mean, at::tensor({2.0f, 5.0f})));
  EXPECT_TRUE(at::equal(scale.deviation, at::tensor({1.0f, 1.0f})));
  EXPECT_TRUE(at::equal(scale.inverse_transform(at::tensor({-1.0f, 0.0f})), at::tensor({1.0f, 5.0f})));
}

TEST(Standardizer, TakesRoundingOfTheMeanForNoVariation) {
  const auto same = at::full({1000, 1}, 0.1, at::kDouble);
  ASSERT_GT(same.std(0, false).item<double>(), 0) << "otherwise this shows nothing";
  EXPECT_EQ(fit_standardizer(same).deviation.item<double>(), 1);
}

}  // namespace
}  // namespace patronus
