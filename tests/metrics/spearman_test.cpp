#include "patronus/metrics/spearman.h"

#include <ATen/Functions.h>
#include <ATen/TensorOperators.h>
#include <gtest/gtest.h>

#include <algorithm>

#include "patronus/core/random.h"
#include "support/parity.h"

namespace patronus {
namespace {

TEST(Spearman, GivesWhatScipyGives) {
  const auto x =
      at::tensor({1., 5., 2., 2., 4., 2., 3., 4., 1., 4., 1., 7., 5., 2., 9.}, at::kDouble).view({5, 3});
  const auto expected =
      at::tensor({1., -0.8720816, 0.66688593, -0.8720816, 1., -0.65789474, 0.66688593, -0.65789474, 1.},
                 at::kDouble)
          .view({3, 3});
  EXPECT_TRUE(test::close(spearman(x), expected, 1e-7));
}

TEST(Spearman, DoesNotChangeWithAMonotoneTransform) {
  const auto x = at::randn({50, 4}, make_generator(1), at::kDouble);
  EXPECT_TRUE(test::close(spearman(x.exp()), spearman(x), 1e-12));
}

TEST(Spearman, PutsColumnsTogetherThatGoTogether) {
  const auto x = at::randn({200, 2}, make_generator(2), at::kDouble);
  const auto noise = 0.1 * at::randn({200, 6}, make_generator(3), at::kDouble);
  // Columns 0, 2 and 5 follow one source, the last against it; 1, 3 and 4 the other.
  const auto sources = x.index_select(1, at::tensor({0, 1, 0, 1, 1, 0}));
  const auto sign = at::tensor({1., 1., 1., 1., 1., -1.}, at::kDouble);
  auto first = clustered_order(spearman(sources * sign + noise));
  ASSERT_EQ(first.size(), 6u);
  first.resize(3);
  std::sort(first.begin(), first.end());
  EXPECT_TRUE(first == (std::vector<int64_t>{0, 2, 5}) || first == (std::vector<int64_t>{1, 3, 4}));
}

}  // namespace
}  // namespace patronus
