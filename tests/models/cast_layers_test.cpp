#include "patronus/models/cast_layers.h"

#include <ATen/Functions.h>
#include <ATen/TensorOperators.h>
#include <ATen/core/grad_mode.h>
#include <gtest/gtest.h>

#include <optional>

#include "patronus/core/device.h"
#include "patronus/core/random.h"
#include "patronus/training/optimization.h"
#include "support/on_device.h"
#include "support/parity.h"

namespace patronus {
namespace {

at::Tensor random_image() {
  return at::rand({2, 8, 6, 6}, make_generator(3));
}

/// What LibTorch's operator gives with the same parameters, cast here.
at::Tensor as_libtorch(Conv2d layer, const at::Tensor& x) {
  const auto cast = [](const at::Tensor& t) { return t.detach().to(at::kBFloat16); };
  return at::conv2d(cast(x), cast(layer->weight), cast(layer->bias), {1, 1}, {1, 1});
}

class CastOnce : public test::OnDevice {
 protected:
  void SetUp() override {
    test::OnDevice::SetUp();
    if (IsSkipped()) return;
    autocast.emplace(device().type(), Precision::kBfloat16);
    x = random_image().to(device());
    layer->to(device());
  }

  std::optional<PrecisionGuard> autocast;
  at::Tensor x;
  Conv2d layer{torch::nn::Conv2dOptions(8, 8, 3).padding(1)};

  void expect_as_libtorch() {
    const at::NoGradGuard no_grad;
    const auto output = layer->forward(x);
    EXPECT_EQ(output.scalar_type(), at::kBFloat16);
    // cuDNN may choose another algorithm each time.
    EXPECT_TRUE(test::close(output, as_libtorch(layer, x), device().is_cpu() ? 0 : 0.02));
  }
};
PATRONUS_ON_DEVICES(CastOnce);

TEST_P(CastOnce, GivesLibtorchsResultsToTheBit) {
  expect_as_libtorch();
  expect_as_libtorch();
  const at::NoGradGuard no_grad;
  Linear linear(8, 5);
  linear->to(device());
  const auto rows = x.flatten(2).transpose(1, 2);
  EXPECT_TRUE(at::equal(linear->forward(rows), at::linear(rows, linear->weight, linear->bias)));
}

TEST_P(CastOnce, KeepsTheCastAsLongAsTheParameterIsNotChanged) {
  const at::NoGradGuard no_grad;
  CastParameter cast;
  const void* first = cast.of(layer->weight).const_data_ptr();
  EXPECT_EQ(cast.of(layer->weight).const_data_ptr(), first);
  EXPECT_EQ(cast.of(layer->weight).scalar_type(), at::kBFloat16);
  layer->weight.add_(1);
  EXPECT_TRUE(at::equal(cast.of(layer->weight), layer->weight.to(at::kBFloat16)));
}

TEST_P(CastOnce, SeesWhatACopyAnAverageOrNewStorageChanges) {
  expect_as_libtorch();
  const auto other = at::rand_like(layer->weight);
  {
    const at::NoGradGuard no_grad;
    layer->weight.copy_(other);
  }
  expect_as_libtorch();
  update_average({layer->weight}, {at::rand_like(other)}, 0.5);
  expect_as_libtorch();
  layer->weight.set_data(at::rand_like(other));
  expect_as_libtorch();
}

TEST_P(CastOnce, SeesWhatTheOptimizerChanges) {
  expect_as_libtorch();
  const NamedTensors parameters{{"weight", layer->weight}, {"bias", layer->bias}};
  const NamedTensors average{{"weight", at::zeros_like(layer->weight)},
                             {"bias", at::zeros_like(layer->bias)}};
  const auto backpropagate = [&](const TrainingBatch&) {
    layer->forward(x).to(at::kFloat).square().sum().backward();
    return Losses{};
  };
  Optimization optimization({.learning_rate = 0.1}, 1, {{parameters}}, parameters, average, backpropagate,
                            /*records=*/false);
  const auto before = layer->weight.detach().clone();
  optimization.step({});
  EXPECT_FALSE(at::equal(before, layer->weight));
  expect_as_libtorch();
}

TEST_P(CastOnce, TrainsTheParameterItself) {
  layer->forward(x).to(at::kFloat).sum().backward();
  ASSERT_TRUE(layer->weight.grad().defined());
  EXPECT_GT(layer->weight.grad().abs().sum().item<float>(), 0);
}

TEST_P(CastOnce, LeavesParametersAsTheyAreWithoutAutocast) {
  const PrecisionGuard fp32(device().type(), Precision::kFloat32);
  const at::NoGradGuard no_grad;
  EXPECT_EQ(layer->forward(x).scalar_type(), at::kFloat);
  const auto expected = at::conv2d(x, layer->weight, layer->bias, {1, 1}, {1, 1});
  EXPECT_TRUE(test::close(layer->forward(x), expected, device().is_cpu() ? 0 : 1e-5));
}

}  // namespace
}  // namespace patronus
