#include "patronus/metrics/quantile.h"

#include <ATen/Functions.h>
#include <gtest/gtest.h>

#include <cmath>
#include <limits>

namespace patronus {
namespace {

TEST(Median, IsTheMeanOfTheMiddleTwoAndSkipsWhatIsNotKnown) {
  const double nan = std::numeric_limits<double>::quiet_NaN();
  const auto rows = at::tensor({4., 1., 3., 2., nan, 5., 9., 7., nan, nan, nan, nan}).view({3, 4});
  const auto middle = interpolated_median(rows);
  EXPECT_EQ(middle[0].item<double>(), 2.5);
  EXPECT_EQ(middle[1].item<double>(), 7);
  EXPECT_TRUE(std::isnan(middle[2].item<double>()));
}

}  // namespace
}  // namespace patronus
