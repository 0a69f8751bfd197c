#pragma once
#include <ATen/Context.h>
#include <gtest/gtest.h>

#include <cstdlib>
#include <string>

#include "patronus/core/device.h"
#include "patronus/core/gpu_function.h"

namespace patronus::test {

/// Tests that run on the CPU and, if there is one, on a GPU; with PATRONUS_REQUIRE_GPU set, a missing GPU is
/// an error. Instantiate with PATRONUS_ON_DEVICES.
class OnDevice : public testing::TestWithParam<const char*> {
 protected:
  void SetUp() override {
    require_true_fp32();
    if (std::string(GetParam()) == "cuda" && !select_device("auto").is_cuda()) {
      if (std::getenv("PATRONUS_REQUIRE_GPU")) FAIL() << "no GPU is seen; " << gpu_library_error();
      GTEST_SKIP() << "this machine has no GPU";
    }
  }
  at::Device device() const { return select_device(GetParam()); }
};

}  // namespace patronus::test

#define PATRONUS_ON_DEVICES(Suite)                                        \
  INSTANTIATE_TEST_SUITE_P(Device, Suite, testing::Values("cpu", "cuda"), \
                           [](const auto& test) { return std::string(test.param); })
