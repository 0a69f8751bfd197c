#include "patronus/metrics/ranks.h"

#include <ATen/Functions.h>
#include <gtest/gtest.h>

#include <cmath>

namespace patronus {
namespace {

TEST(MidRanks, CountUpInEveryColumnAndAreSharedByEqualValues) {
  const auto x = at::tensor({3.0f, 7.0f, 1.0f, 7.0f, 3.0f, 7.0f, 2.0f, -7.0f}).view({4, 2});
  const auto ranks = at::tensor({3.5, 3.0, 1.0, 3.0, 3.5, 3.0, 2.0, 1.0}).view({4, 2});
  EXPECT_TRUE(at::equal(mid_ranks(x), ranks));
  EXPECT_THROW(mid_ranks(at::full({2, 1}, NAN)), c10::Error);
}

}  // namespace
}  // namespace patronus
