#include "patronus/analysis/plausible_maximum.h"

#include <ATen/Functions.h>
#include <gtest/gtest.h>

#include "support/failure.h"
#include "support/parity.h"

namespace patronus {
namespace {

at::Tensor two_prototypes() {
  return at::tensor({0.0f, 5.0f, 1.0f, 9.0f, 2.0f, 7.0f, 3.0f, 6.0f, 4.0f, 8.0f}).view({5, 2});
}

TEST(PlausibleMaximum, IsEachPrototypesOwnOrTheLargestOfAll) {
  EXPECT_TRUE(at::equal(plausible_maximum(two_prototypes(), {}), at::tensor({4.0f, 9.0f})));
  EXPECT_TRUE(at::equal(plausible_maximum(two_prototypes(), {.global = true}), at::tensor({9.0f, 9.0f})));
}

TEST(PlausibleMaximum, AQuantileLeavesOutTheLargest) {
  EXPECT_TRUE(
      test::close(plausible_maximum(two_prototypes(), {.quantile = 0.75}), at::tensor({3.0f, 8.0f}), 1e-6));
  EXPECT_TRUE(test::close(plausible_maximum(two_prototypes(), {.quantile = 0.875, .global = true}),
                          at::tensor({8.5f, 8.5f}), 1e-6));
}

TEST(PlausibleMaximum, TakesMoreActivationsThanAQuantileOfLibTorch) {
  const auto many = at::arange(17'000'000, at::kFloat).view({-1, 2});
  EXPECT_EQ(plausible_maximum(many, {})[1].item<float>(), many.max().item<float>());
}

TEST(PlausibleMaximum, WrongSettingsAreRefused) {
  EXPECT_EQ(test::message_of([] { plausible_maximum(two_prototypes(), {.quantile = -0.1}); }),
            "quantile -0.1: expected 0 to 1");
  EXPECT_TRUE(is_global_maximum("global"));
  EXPECT_EQ(test::message_of([] { is_global_maximum("mean"); }),
            "maximum 'mean': expected prototype or global");
}

}  // namespace
}  // namespace patronus
