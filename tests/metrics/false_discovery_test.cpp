#include "patronus/metrics/false_discovery.h"

#include <ATen/Functions.h>
#include <gtest/gtest.h>

#include "support/parity.h"

namespace patronus {
namespace {

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
