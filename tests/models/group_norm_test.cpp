#include "patronus/models/group_norm.h"

#include <ATen/Functions.h>
#include <ATen/TensorOperators.h>
#include <c10/core/GradMode.h>
#include <gtest/gtest.h>

#include "patronus/core/random.h"
#include "support/parity.h"

namespace patronus {
namespace {

using test::close;

struct Gradients {
  at::Tensor y, dx, dweight, dbias;
};

/// Result and gradients of `norm` for images in the given layout, all as float32.
Gradients run_norm(GroupNorm& norm, const at::Tensor& images, at::MemoryFormat layout) {
  norm->zero_grad();
  const auto x = images.contiguous(layout).requires_grad_();
  const auto y = norm(x);
  EXPECT_EQ(y.scalar_type(), x.scalar_type());
  EXPECT_TRUE(y.is_contiguous(layout));
  y.backward(at::randn(y.sizes(), make_generator(9)).to(y.scalar_type()));
  return {y.detach().to(at::kFloat), x.grad().to(at::kFloat), norm->weight.grad().clone(),
          norm->bias.grad().clone()};
}

void expect_layouts_agree(const at::Tensor& images, double tolerance) {
  GroupNorm norm(8, images.size(1));
  {
    const at::NoGradGuard no_grad;
    norm->weight.copy_(at::rand({images.size(1)}, make_generator(2)) + 0.5);
    norm->bias.copy_(at::randn({images.size(1)}, make_generator(3)));
  }
  const auto ours = run_norm(norm, images, at::MemoryFormat::ChannelsLast);
  const auto libtorch = run_norm(norm, images, at::MemoryFormat::Contiguous);
  const auto agree = [&](const at::Tensor& a, const at::Tensor& b) {
    return close(a, b, tolerance * b.abs().max().item<double>());
  };
  EXPECT_TRUE(agree(ours.y, libtorch.y));
  EXPECT_TRUE(agree(ours.dx, libtorch.dx));
  EXPECT_TRUE(agree(ours.dweight, libtorch.dweight));
  EXPECT_TRUE(agree(ours.dbias, libtorch.dbias));
}

TEST(GroupNorm, ChannelsLastAgreesWithLibTorch) {
  expect_layouts_agree(at::randn({3, 16, 5, 7}, make_generator(1)), 2e-6);
  expect_layouts_agree(at::randn({2, 64, 8, 8}, make_generator(1)), 2e-6);
}

TEST(GroupNorm, LargeMeanCostsNoPrecision) {
  expect_layouts_agree(at::randn({2, 24, 9, 4}, make_generator(1)) + 100, 1e-4);
}

TEST(GroupNorm, ChannelsLastAgreesWithLibTorchInBf16) {
  expect_layouts_agree(at::randn({3, 32, 6, 6}, make_generator(1)).to(at::kBFloat16), 1e-2);
}

}  // namespace
}  // namespace patronus
