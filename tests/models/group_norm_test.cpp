#include "patronus/models/group_norm.h"

#include <ATen/Functions.h>
#include <ATen/TensorOperators.h>
#include <c10/core/GradMode.h>
#include <c10/util/Exception.h>
#include <gtest/gtest.h>

#include <limits>
#include <vector>

#include "patronus/core/random.h"
#include "support/on_device.h"
#include "support/parity.h"
#include "support/threads.h"

namespace patronus {
namespace {

using test::close;

/// Work is divided among threads, by images or by channels.
class FusedGroupNorm : public test::OnDevice {
  test::Threads two_{2};
};
PATRONUS_ON_DEVICES(FusedGroupNorm);

struct Gradients {
  at::Tensor y, dx, dweight, dbias;
};

/// Result and gradients of `norm` for images in the given layout, all as float32 on the CPU.
Gradients run_norm(GroupNorm& norm, const at::Tensor& images, at::MemoryFormat layout, at::Device device) {
  norm->to(device);
  norm->zero_grad();
  const auto x = images.to(device).contiguous(layout).detach().requires_grad_();
  const auto y = norm(x);
  EXPECT_EQ(y.scalar_type(), x.scalar_type());
  EXPECT_TRUE(y.is_contiguous(layout));
  y.backward(at::randn(y.sizes(), make_generator(9)).to(y.scalar_type()).to(device));
  const auto result = [](const at::Tensor& tensor) {
    return tensor.detach().to(at::kCPU, at::kFloat).clone();
  };
  return {result(y), result(x.grad()), result(norm->weight.grad()), result(norm->bias.grad())};
}

/// Ours on the device, channels last, and LibTorch's on the CPU.
void expect_layouts_agree(at::Device device, const at::Tensor& images, double tolerance) {
  GroupNorm norm(8, images.size(1));
  {
    const c10::NoGradGuard no_grad;
    norm->weight.copy_(at::rand({images.size(1)}, make_generator(2)) + 0.5);
    norm->bias.copy_(at::randn({images.size(1)}, make_generator(3)));
  }
  const auto ours = run_norm(norm, images, at::MemoryFormat::ChannelsLast, device);
  const auto libtorch = run_norm(norm, images, at::MemoryFormat::Contiguous, at::kCPU);
  const auto agree = [&](const at::Tensor& a, const at::Tensor& b) {
    return close(a, b, tolerance * b.abs().max().item<double>());
  };
  EXPECT_TRUE(agree(ours.y, libtorch.y));
  EXPECT_TRUE(agree(ours.dx, libtorch.dx));
  EXPECT_TRUE(agree(ours.dweight, libtorch.dweight));
  EXPECT_TRUE(agree(ours.dbias, libtorch.dbias));
}

TEST_P(FusedGroupNorm, ChannelsLastAgreesWithLibTorch) {
  expect_layouts_agree(device(), at::randn({3, 16, 5, 7}, make_generator(1)), 2e-6);
  expect_layouts_agree(device(), at::randn({2, 64, 8, 8}, make_generator(1)), 2e-6);
}

TEST_P(FusedGroupNorm, LargeMeanCostsNoPrecision) {
  expect_layouts_agree(device(), at::randn({2, 24, 9, 4}, make_generator(1)) + 100, 1e-4);
}

TEST_P(FusedGroupNorm, ChannelsLastAgreesWithLibTorchInBf16) {
  expect_layouts_agree(device(), at::randn({3, 32, 6, 6}, make_generator(1)).to(at::kBFloat16), 1e-2);
}

/// Result of the fused activation and the gradients of all that goes into it, in the order of `Inputs`.
std::vector<at::Tensor> run_silu(GroupNorm& norm, const at::Tensor& images,
                                 const ChannelModulation& modulation, at::MemoryFormat layout,
                                 at::Device device) {
  norm->to(device);
  norm->zero_grad();
  const auto x = images.to(device).contiguous(layout).detach().requires_grad_();
  std::vector<at::Tensor> inputs{x, norm->weight, norm->bias};
  ChannelModulation leaves;
  const auto leaf = [&](const at::Tensor& rows) {
    if (!rows.defined()) return rows;
    inputs.push_back(rows.to(device).detach().clone().requires_grad_());
    return inputs.back();
  };
  leaves = {leaf(modulation.before), leaf(modulation.scale), leaf(modulation.shift),
            modulation.mask.defined() ? modulation.mask.to(device) : modulation.mask};
  const auto y = norm->silu(x, leaves);
  EXPECT_EQ(y.scalar_type(), x.scalar_type());
  y.backward(at::randn(y.sizes(), make_generator(9)).to(y.scalar_type()).to(device));
  std::vector<at::Tensor> result{y.detach().to(at::kCPU, at::kFloat)};
  for (const auto& input : inputs) result.push_back(input.grad().to(at::kCPU, at::kFloat).clone());
  return result;
}

void expect_fused_silu_agrees(at::Device device, const at::Tensor& images,
                              const ChannelModulation& modulation, double tolerance) {
  GroupNorm norm(8, images.size(1));
  {
    const c10::NoGradGuard no_grad;
    norm->weight.copy_(at::rand({images.size(1)}, make_generator(2)) + 0.5);
    norm->bias.copy_(at::randn({images.size(1)}, make_generator(3)));
  }
  const auto ours = run_silu(norm, images, modulation, at::MemoryFormat::ChannelsLast, device);
  const auto libtorch = run_silu(norm, images, modulation, at::MemoryFormat::Contiguous, at::kCPU);
  ASSERT_EQ(ours.size(), libtorch.size());
  for (size_t i = 0; i < ours.size(); ++i) {
    EXPECT_TRUE(close(ours[i], libtorch[i], tolerance * libtorch[i].abs().max().item<double>()))
        << "tensor " << i;
  }
}

ChannelModulation modulation_of(const at::Tensor& x) {
  const auto rows = [&](uint64_t seed) { return at::randn({x.size(0), x.size(1)}, make_generator(seed)); };
  return {.before = rows(4), .scale = rows(5), .shift = rows(6), .mask = rows(7) > 0};
}

TEST_P(FusedGroupNorm, FusedSiluAgreesWithLibTorchsOperators) {
  // 16 and 8 channels at a time, groups of 2, 3, 12, 64 and 257 channels, more images than threads and fewer,
  // more pixels than a chunk.
  const std::vector<std::vector<int64_t>> shapes{{3, 64, 5, 7},  {1, 24, 9, 4}, {9, 16, 24, 24},
                                                 {2, 16, 3, 3},  {2, 96, 4, 8}, {2, 512, 4, 4},
                                                 {1, 2056, 2, 2}};
  for (const auto& shape : shapes) {
    const auto x = at::randn(shape, make_generator(1));
    expect_fused_silu_agrees(device(), x, {}, 3e-6);
    expect_fused_silu_agrees(device(), x, modulation_of(x), 3e-6);
  }
}

TEST_P(FusedGroupNorm, FusedSiluAgreesInBf16) {
  const auto x = at::randn({3, 32, 6, 6}, make_generator(1)).to(at::kBFloat16);
  expect_fused_silu_agrees(device(), x, modulation_of(x), 2e-2);
}

TEST_P(FusedGroupNorm, FusedSiluOfExtremesIsThatOfLibTorch) {
  GroupNorm norm(8, 16);
  {
    const c10::NoGradGuard no_grad;
    norm->weight.fill_(100);
  }
  const auto x = at::randn({1, 16, 4, 4}, make_generator(1));
  const auto expected = norm->silu(x);
  norm->to(device());
  const auto ours = [&](const at::Tensor& images) {
    return norm->silu(images.to(device()).contiguous(at::MemoryFormat::ChannelsLast)).cpu();
  };
  EXPECT_TRUE(close(ours(x), expected, 1e-3));
  EXPECT_TRUE(
      ours(at::where(x == x.max(), std::numeric_limits<float>::quiet_NaN(), x)).isnan().any().item<bool>());
}

// Of the CPU alone: on a GPU a program without our kernels takes LibTorch's operators, which have them.
TEST(FusedGroupNormOfTheCpu, RefusesSecondDerivatives) {
  GroupNorm norm(8, 16);
  const auto x =
      at::randn({2, 16, 4, 4}, make_generator(1)).contiguous(at::MemoryFormat::ChannelsLast).requires_grad_();
  const auto loss = norm->silu(x).square().sum();
  EXPECT_THROW(loss.backward({}, /*keep_graph=*/true, /*create_graph=*/true), c10::Error);
}

TEST_P(FusedGroupNorm, ARowServesTheWholeBatch) {
  GroupNorm norm(8, 16);
  norm->to(device());
  const auto x =
      at::randn({3, 16, 4, 4}, make_generator(1)).to(device()).contiguous(at::MemoryFormat::ChannelsLast);
  const auto row = at::randn({1, 16}, make_generator(2)).to(device());
  EXPECT_TRUE(norm->silu(x, {.before = row}).equal(norm->silu(x, {.before = row.expand({3, 16})})));
}

}  // namespace
}  // namespace patronus
