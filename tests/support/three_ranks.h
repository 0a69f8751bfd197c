#pragma once
#include <gtest/gtest.h>

#include <cstdlib>

#include "patronus/distributed/process_group.h"
#include "support/run_ranks.h"

namespace patronus::test {

/// A test whose body runs in three processes, the ranks of one group.
class ThreeRanks : public testing::Test {
 protected:
  static bool is_rank() { return std::getenv("RANK") != nullptr; }

  /// Runs this test again as ranks.
  static void run_as_ranks() {
    const auto* info = testing::UnitTest::GetInstance()->current_test_info();
    const std::string filter = "--gtest_filter=" + std::string(info->test_suite_name()) + "." + info->name();
    Ranks ranks(
        3, [&](size_t) { return execute("/proc/self/exe", {filter}); }, "/");
    for (const auto& outcome : ranks.wait()) EXPECT_EQ(outcome.status, 0) << outcome.output << outcome.errors;
  }

  static ProcessGroup join() {
    const auto launch = find_launch([](const char* name) { return std::getenv(name); });
    return {launch.value(), at::kCPU, std::chrono::seconds(60)};
  }
};

}  // namespace patronus::test
