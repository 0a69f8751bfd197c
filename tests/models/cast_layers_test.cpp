#include "patronus/models/cast_layers.h"

#include <ATen/Functions.h>
#include <ATen/TensorOperators.h>
#include <c10/core/GradMode.h>
#include <gtest/gtest.h>

#include <optional>
#include <vector>

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
    const c10::NoGradGuard no_grad;
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
  const c10::NoGradGuard no_grad;
  Linear linear(8, 5);
  linear->to(device());
  const auto rows = x.flatten(2).transpose(1, 2);
  EXPECT_TRUE(at::equal(linear->forward(rows), at::linear(rows, linear->weight, linear->bias)));
}

TEST_P(CastOnce, KeepsTheCastAsLongAsTheParameterIsNotChanged) {
  const c10::NoGradGuard no_grad;
  CachedCast cast;
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
    const c10::NoGradGuard no_grad;
    layer->weight.copy_(other);
  }
  expect_as_libtorch();
  update_ema({layer->weight}, {at::rand_like(other)}, 0.5);
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
  Optimization optimization({.learning_rate = 0.1}, 1, {.adamw = {{parameters}}}, parameters, average,
                            backpropagate,
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
  const c10::NoGradGuard no_grad;
  EXPECT_EQ(layer->forward(x).scalar_type(), at::kFloat);
  const auto expected = at::conv2d(x, layer->weight, layer->bias, {1, 1}, {1, 1});
  EXPECT_TRUE(test::close(layer->forward(x), expected, device().is_cpu() ? 0 : 1e-5));
}

class JointLinears : public testing::Test {
 protected:
  std::vector<Linear> layers{Linear(4, 3), Linear(4, 5), Linear(4, 1)};
  JointLinear joint{layers};
  at::Tensor x = at::randn({6, 4}, make_generator(7));

  void expect_those_of_the_layers(double tolerance) {
    const auto results = joint(x);
    ASSERT_EQ(results.size(), layers.size());
    for (size_t i = 0; i < layers.size(); ++i) {
      const auto own = layers[i](x);
      EXPECT_EQ(results[i].scalar_type(), own.scalar_type());
      EXPECT_TRUE(test::close(results[i].to(at::kFloat), own.to(at::kFloat), tolerance)) << i;
    }
  }
};

TEST_F(JointLinears, GiveTheResultsOfEach) {
  expect_those_of_the_layers(1e-6);
  const c10::NoGradGuard no_grad;
  expect_those_of_the_layers(1e-6);
  const PrecisionGuard bf16(at::kCPU, Precision::kBfloat16);
  expect_those_of_the_layers(1e-2);
}

TEST_F(JointLinears, GiveEachLayerItsGradients) {
  const auto loss_of = [](const std::vector<at::Tensor>& results) {
    return results[0].square().sum() + results[1].sum() - results[2].square().sum();
  };
  loss_of(joint(x)).backward();
  std::vector<at::Tensor> gradients;
  for (auto& layer : layers) {
    for (auto& parameter : layer->parameters()) gradients.push_back(parameter.grad().clone());
    layer->zero_grad();
  }
  loss_of({layers[0](x), layers[1](x), layers[2](x)}).backward();
  size_t i = 0;
  for (auto& layer : layers) {
    for (const auto& parameter : layer->parameters()) {
      EXPECT_TRUE(test::close(gradients[i++], parameter.grad(), 1e-5));
    }
  }
}

TEST_F(JointLinears, SeeThatOneOfThemWasChanged) {
  const c10::NoGradGuard no_grad;
  joint(x);
  layers[1]->weight.mul_(-2);
  expect_those_of_the_layers(1e-6);
  layers[2]->bias.add_(1);
  expect_those_of_the_layers(1e-6);
  layers[0]->weight.set_data(at::rand_like(layers[0]->weight));
  expect_those_of_the_layers(1e-6);
}

}  // namespace
}  // namespace patronus
