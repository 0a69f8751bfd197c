#include "models/winograd.h"

#include <ATen/Functions.h>
#include <ATen/TensorOperators.h>
#include <c10/core/GradMode.h>
#include <c10/util/Exception.h>
#include <gtest/gtest.h>

#include "patronus/core/device.h"
#include "patronus/core/random.h"
#include "patronus/models/unet_blocks.h"
#include "support/parity.h"
#include "support/threads.h"

namespace patronus {
namespace {

at::Tensor random_images(int64_t images, int64_t channels, int64_t height, int64_t width) {
  return at::randn({images, channels, height, width}, make_generator(3))
      .contiguous(at::MemoryFormat::ChannelsLast);
}

struct Case {
  int64_t images, in, out, height, width;
};

struct Results {
  at::Tensor y, dx, dweight, dbias;
};

/// A convolution and its gradients for dy, which is the same for all.
template <class Convolution>
Results differentiated(const at::Tensor& x, const at::Tensor& weight, const at::Tensor& bias,
                       const Convolution& convolution) {
  const auto leaf = [](const at::Tensor& t) { return t.detach().clone().requires_grad_(); };
  const auto image = leaf(x), filters = leaf(weight), offsets = leaf(bias);
  const auto y = convolution(image, filters, offsets);
  y.backward(at::randn(y.sizes(), make_generator(9)).to(y.scalar_type()));
  return {y.detach(), image.grad(), filters.grad(), offsets.grad()};
}

/// In units of the expected values' deviation.
testing::AssertionResult close_by(double tolerance, const at::Tensor& actual, const at::Tensor& expected) {
  return test::close(actual.to(at::kDouble), expected.to(at::kDouble),
                     tolerance * expected.std().item<double>());
}

class Winograd : public testing::TestWithParam<Case> {
 protected:
  test::Threads two{2};
  Case c = GetParam();
  at::Tensor x = random_images(c.images, c.in, c.height, c.width);
  at::Tensor weight = at::randn({c.out, c.in, 3, 3}, make_generator(4));
  at::Tensor bias = at::randn({c.out}, make_generator(5));

  /// LibTorch's, in double precision.
  Results expected() const {
    return differentiated(x.to(at::kDouble), weight.to(at::kDouble), bias.to(at::kDouble),
                          [](const auto& image, const auto& filters, const auto& offsets) {
                            return at::conv2d(image, filters, offsets, {1, 1}, {1, 1});
                          });
  }
  Results ours(at::ScalarType type) const {
    return differentiated(x.to(type), weight, bias,
                          [](const auto& image, const auto& filters, const auto& offsets) {
                            return winograd_convolution(image, filters, offsets);
                          });
  }
};

INSTANTIATE_TEST_SUITE_P(, Winograd,
                         testing::Values(Case{24, 16, 32, 8, 8},   // tiles fit
                                         Case{25, 32, 16, 7, 7},   // reach beyond the image
                                         Case{5, 48, 16, 13, 18},  // more than one block of an odd count
                                         Case{6, 16, 48, 28, 28}));

TEST_P(Winograd, IsTheConvolutionWithItsGradients) {
  ASSERT_EQ(can_use_winograd(x, weight), cpu_supports_winograd());
  const auto a = ours(at::kFloat), b = expected();
  EXPECT_TRUE(close_by(2e-4, a.y, b.y));
  EXPECT_TRUE(close_by(2e-4, a.dx, b.dx));
  EXPECT_TRUE(close_by(2e-4, a.dweight, b.dweight));
  EXPECT_TRUE(close_by(1e-5, a.dbias, b.dbias));
  EXPECT_TRUE(a.y.is_contiguous(at::MemoryFormat::ChannelsLast));
}

TEST_P(Winograd, OfBfloat16RoundsLittleMoreThanADirectSum) {
  const auto a = ours(at::kBFloat16), b = expected();
  EXPECT_EQ(a.y.scalar_type(), at::kBFloat16);
  EXPECT_EQ(a.dx.scalar_type(), at::kBFloat16);
  EXPECT_EQ(a.dweight.scalar_type(), at::kFloat);
  const auto bf16 = [](const at::Tensor& t) { return t.to(at::kBFloat16); };
  const auto direct = differentiated(bf16(x), bf16(weight), bf16(bias),
                                     [](const auto& image, const auto& filters, const auto& offsets) {
                                       return at::conv2d(image, filters, offsets, {1, 1}, {1, 1});
                                     });
  const auto error = [](const at::Tensor& actual, const at::Tensor& exact) {
    return (actual.to(at::kDouble) - exact).std().item<double>();
  };
  // Products in bfloat16 round at the 16 points, those in float32 at the end alone.
  const double more = cpu_is_fast_at_bf16() ? 2.2 : 1;
  EXPECT_LT(error(a.y, b.y), more * error(direct.y, b.y));
  EXPECT_LT(error(a.dx, b.dx), more * error(direct.dx, b.dx));
  EXPECT_LT(error(a.dweight, b.dweight), error(direct.dweight, b.dweight));
}

TEST_P(Winograd, DoesNotDependOnTheNumberOfThreads) {
  for (const auto type : {at::kFloat, at::kBFloat16}) {
    const auto several = ours(type);
    const test::Threads one(1);
    const auto alone = ours(type);
    EXPECT_TRUE(at::equal(several.y, alone.y)) << type;
    EXPECT_TRUE(at::equal(several.dx, alone.dx)) << type;
    EXPECT_TRUE(close_by(1e-5, several.dweight, alone.dweight)) << type;
  }
}

TEST_P(Winograd, OfAnImageDoesNotDependOnItsBatch) {
  const c10::NoGradGuard no_grad;
  for (const auto type : {at::kFloat, at::kBFloat16}) {
    const auto images = x.to(type), filters = winograd_filters(weight, type);
    const auto all = winograd_convolution(images, weight, bias, filters);
    EXPECT_TRUE(at::equal(all, winograd_convolution(images, weight, bias))) << type << ", kept filters";
    const auto last = winograd_convolution(images.slice(0, -1), weight, bias, filters);
    EXPECT_TRUE(at::equal(all.slice(0, -1), last)) << type;
  }
}

TEST(WinogradConvolution, IsLeftToLibTorchWhereItDoesNotFit) {
  const c10::NoGradGuard no_grad;
  const auto weight = at::zeros({32, 16, 3, 3});
  EXPECT_EQ(can_use_winograd(random_images(8, 16, 8, 8), weight), cpu_supports_winograd());
  EXPECT_FALSE(can_use_winograd(random_images(8, 16, 8, 8).contiguous(), weight)) << "the other layout";
  EXPECT_FALSE(can_use_winograd(random_images(2, 16, 8, 8), weight)) << "few tiles";
  EXPECT_FALSE(can_use_winograd(random_images(99, 16, 2, 2), weight))
      << "tiles of which a quarter is in the image";
  EXPECT_FALSE(can_use_winograd(random_images(8, 24, 8, 8), at::zeros({32, 24, 3, 3}))) << "odd channels";
  EXPECT_FALSE(can_use_winograd(random_images(8, 48, 8, 8), weight)) << "a weight of other channels";
  EXPECT_FALSE(can_use_winograd(random_images(8, 16, 8, 8).to(at::kDouble), weight));
}

TEST(WinogradConvolution, OfBfloat16IsDecidedForOneImageAsForMany) {
  const c10::NoGradGuard no_grad;
  const auto weight = at::zeros({16, 16, 3, 3});
  for (const int64_t size : {4, 8, 16, 32}) {
    const auto many = random_images(64, 16, size, size).to(at::kBFloat16);
    EXPECT_EQ(can_use_winograd(many.slice(0, 0, 1), weight), can_use_winograd(many, weight)) << size;
  }
}

TEST(WinogradConvolution, ComputesOnlyTheGradientsThatAreAskedFor) {
  const auto x = random_images(8, 16, 8, 8);
  const auto weight = at::randn({16, 16, 3, 3}, make_generator(4)).requires_grad_();
  winograd_convolution(x, weight, {}).sum().backward();
  EXPECT_TRUE(weight.grad().defined());
  EXPECT_FALSE(winograd_convolution(x, weight.detach(), {}).requires_grad());
}

TEST(WinogradConvolution, TrainsABiasAlone) {
  const auto bias = at::zeros({16}).requires_grad_();
  winograd_convolution(random_images(8, 16, 8, 8), at::zeros({16, 16, 3, 3}), bias).sum().backward();
  EXPECT_TRUE(at::equal(bias.grad(), at::full({16}, 8. * 8 * 8)));
}

TEST(WinogradConvolution, RefusesSecondDerivatives) {
  const auto weight = at::randn({16, 16, 3, 3}, make_generator(4)).requires_grad_();
  const auto y = winograd_convolution(random_images(8, 16, 8, 8), weight, {});
  EXPECT_THROW(y.square().sum().backward({}, /*keep_graph=*/true, /*create_graph=*/true), c10::Error);
}

/// A layer of the network, which decides by itself.
class WinogradLayer : public testing::Test {
 protected:
  Conv2d layer = conv3x3(16, 32);
  at::Tensor x = random_images(32, 16, 8, 8);

  at::Tensor libtorchs() const { return at::conv2d(x, layer->weight, layer->bias, {1, 1}, {1, 1}); }
};

TEST_F(WinogradLayer, SeesThatItsWeightWasChanged) {
  const c10::NoGradGuard no_grad;
  EXPECT_TRUE(close_by(1e-4, layer(x), libtorchs()));
  layer->weight.mul_(-2);
  EXPECT_TRUE(close_by(1e-4, layer(x), libtorchs()));
  layer->weight.set_data(at::rand_like(layer->weight));
  EXPECT_TRUE(close_by(1e-4, layer(x), libtorchs()));
}

TEST_F(WinogradLayer, KeepsFiltersForTheTypeOfTheImages) {
  const c10::NoGradGuard no_grad;
  const auto first = layer(x);
  {
    const PrecisionGuard bf16(at::kCPU, Precision::kBfloat16);
    EXPECT_TRUE(close_by(0.05, layer(x), first));
  }
  EXPECT_TRUE(at::equal(layer(x), first));
}

TEST_F(WinogradLayer, AddsItsBiasOrNot) {
  const c10::NoGradGuard no_grad;
  EXPECT_NE(at::equal(layer(x), libtorchs()), cpu_supports_winograd()) << "it went the wrong way";
  const auto bias = layer->bias.view({1, 32, 1, 1}).expand_as(layer(x));
  EXPECT_TRUE(test::close(layer(x) - layer->without_bias(x), bias, 1e-5));
}

TEST_F(WinogradLayer, IsTheSameWithAndWithoutGradients) {
  const auto trained = layer(x);
  const c10::NoGradGuard no_grad;
  EXPECT_TRUE(at::equal(trained, layer(x)));
}

TEST_F(WinogradLayer, GivesBfloat16UnderAutocastAndTrainsInFloat32) {
  const PrecisionGuard bf16(at::kCPU, Precision::kBfloat16);
  const auto y = layer(x);
  EXPECT_EQ(y.scalar_type(), at::kBFloat16);
  y.sum().backward();
  EXPECT_EQ(layer->weight.grad().scalar_type(), at::kFloat);
}

}  // namespace
}  // namespace patronus
