#include "patronus/core/device.h"

#include <ATen/Context.h>
#include <ATen/Functions.h>
#include <ATen/Parallel.h>
#include <ATen/autocast_mode.h>
#include <gtest/gtest.h>

#include <array>
#include <utility>

#include "support/failure.h"
#include "support/threads.h"

namespace patronus {
namespace {

std::string device_error(const std::string& name) {
  return test::message_of([&] { select_device(name); });
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

TEST(Precision, PrecisionGuardsNestAndRestore) {
  const auto product_dtype = [] { return at::matmul(at::ones({2, 2}), at::ones({2, 2})).scalar_type(); };
  EXPECT_EQ(product_dtype(), at::kFloat);
  {
    const PrecisionGuard outer(at::kCPU, Precision::kBfloat16);
    EXPECT_EQ(product_dtype(), at::kBFloat16);
    {
      const PrecisionGuard inner(at::kCPU, Precision::kFloat32);
      EXPECT_EQ(product_dtype(), at::kFloat);
    }
    EXPECT_EQ(product_dtype(), at::kBFloat16);
  }
  EXPECT_EQ(product_dtype(), at::kFloat);
}

TEST(Precision, Tf32IsRefusedOnAProcessor) {
  EXPECT_EQ(test::message_of([] { select_precision(PrecisionChoice::kTf32, at::kCPU); }),
            "runtime.precision tf32: cpu has none; use --precision auto, fp32 or bf16");
}

TEST(Precision, RoundTripsComputeInNothingLessThanTf32) {
  EXPECT_EQ(inversion_precision(Precision::kFloat32), Precision::kFloat32);
  EXPECT_EQ(inversion_precision(Precision::kBfloat16), Precision::kFloat32);
  EXPECT_EQ(inversion_precision(Precision::kTf32), Precision::kTf32);
}

// The switches are LibTorch's, which has them without a GPU, too.
TEST(Precision, Tf32IsAllowedOnlyWhereItIsAskedFor) {
  require_true_fp32();
  const auto allowed = [] {
    return std::pair(at::globalContext().allowTF32CuBLAS(), at::globalContext().allowTF32CuDNN());
  };
  EXPECT_EQ(allowed(), std::pair(false, false));
  {
    const PrecisionGuard outer(at::kCUDA, Precision::kTf32);
    EXPECT_EQ(allowed(), std::pair(true, true));
    {
      const PrecisionGuard inner(at::kCUDA, Precision::kFloat32);
      EXPECT_EQ(allowed(), std::pair(false, false));
    }
    EXPECT_EQ(allowed(), std::pair(true, true));
  }
  EXPECT_EQ(allowed(), std::pair(false, false));
}

TEST(Deterministic, AttentionIsNotFusedOnAGpuAlone) {
  const auto fused = [](bool deterministic, at::Device device) {
    set_deterministic(deterministic, device);
    const auto& switches = at::globalContext();
    return std::array{switches.userEnabledFlashSDP(), switches.userEnabledMemEfficientSDP(),
                      switches.userEnabledCuDNNSDP()};
  };
  constexpr std::array kAll{true, true, true}, kNone{false, false, false};
  EXPECT_EQ(fused(true, at::kCUDA), kNone);
  EXPECT_EQ(fused(false, at::kCUDA), kAll);
  EXPECT_EQ(fused(true, at::kCPU), kAll);
  EXPECT_EQ(fused(false, at::kCPU), kAll);
}

TEST(Threads, AreBackWhenTheGuardOfOneGoes) {
  const test::Threads two(2);
  {
    const SingleThreadGuard guard;
    EXPECT_EQ(at::get_num_threads(), 1);
  }
  EXPECT_EQ(at::get_num_threads(), 2);
}

}  // namespace
}  // namespace patronus
