#include "patronus/core/device.h"

#include <ATen/Context.h>
#include <ATen/Functions.h>
#include <ATen/Parallel.h>
#include <ATen/autocast_mode.h>
#include <gtest/gtest.h>

#include "patronus/core/error.h"
#include "support/threads.h"

namespace patronus {
namespace {

std::string device_error(const std::string& name) {
  try {
    select_device(name);
  } catch (const ConfigError& e) {
    return e.what();
  }
  return "no error";
}

TEST(Device, RefusesUnknownNames) {
  EXPECT_EQ(device_error("gpu"), "device 'gpu': expected auto, cpu, cuda or cuda:N");
  EXPECT_EQ(device_error("cuda:x"), "device 'cuda:x': expected auto, cpu, cuda or cuda:N");
  EXPECT_EQ(device_error("cuda:"), "device 'cuda:': expected auto, cpu, cuda or cuda:N");
}

TEST(Device, SaysWhenThereIsNoGpu) {
  if (select_device("auto").is_cuda()) GTEST_SKIP() << "this machine has a CUDA device";
  EXPECT_EQ(device_error("cuda"),
            "device cuda: this machine has no usable CUDA device; use --device cpu or auto");
  EXPECT_EQ(device_error("cuda:1"),
            "device cuda:1: this machine has no usable CUDA device; use --device cpu or auto");
}

TEST(Device, SeesTheGpuThatAutoChooses) {
  if (!at::hasCUDA()) GTEST_SKIP() << "no CUDA device on this machine";
  EXPECT_TRUE(select_device("auto").is_cuda());
  EXPECT_TRUE(device_error("cuda:99").starts_with("device cuda:99: this machine has "))
      << device_error("cuda:99");
}

TEST(Precision, AutocastGuardsNestAndRestore) {
  const auto product_dtype = [] { return at::matmul(at::ones({2, 2}), at::ones({2, 2})).scalar_type(); };
  EXPECT_EQ(product_dtype(), at::kFloat);
  {
    const AutocastGuard outer(at::kCPU, Precision::kBfloat16);
    EXPECT_EQ(product_dtype(), at::kBFloat16);
    {
      const AutocastGuard inner(at::kCPU, Precision::kFloat32);
      EXPECT_EQ(product_dtype(), at::kFloat);
    }
    EXPECT_EQ(product_dtype(), at::kBFloat16);
  }
  EXPECT_EQ(product_dtype(), at::kFloat);
}

TEST(Threads, AreBackWhenTheGuardOfOneGoes) {
  const test::Threads two(2);
  {
    const OneThreadGuard guard;
    EXPECT_EQ(at::get_num_threads(), 1);
  }
  EXPECT_EQ(at::get_num_threads(), 2);
}

}  // namespace
}  // namespace patronus
