#include "patronus/training/adamw.h"

#include <ATen/Functions.h>
#include <gtest/gtest.h>
#include <torch/optim/adamw.h>

#include "patronus/core/random.h"
#include "support/parity.h"

namespace patronus {
namespace {

using test::close;

/// Two tensors with the same values in both lists; gradients of a quadratic.
NamedTensors quadratic_parameters() {
  return {{"a", at::randn({3, 4}, make_generator(1)).requires_grad_()},
          {"b", at::randn({5}, make_generator(2)).requires_grad_()}};
}

at::Tensor quadratic(const NamedTensors& parameters) {
  return parameters[0].second.square().sum() + 3 * (parameters[1].second - 1).square().sum();
}

TEST(FusedAdamW, ProducesTheValuesOfTorchOptim) {
  const auto ours = quadratic_parameters();
  const auto theirs = quadratic_parameters();
  FusedAdamW optimizer({{{ours[0]}, 1}, {{ours[1]}, 0.3}}, {.weight_decay = 0.1});
  optimizer.set_learning_rate(0.01);
  torch::optim::AdamW first({theirs[0].second}, torch::optim::AdamWOptions(0.01).weight_decay(0.1));
  torch::optim::AdamW second({theirs[1].second}, torch::optim::AdamWOptions(0.003).weight_decay(0.1));
  for (int step = 0; step < 50; ++step) {
    optimizer.zero_gradients();
    quadratic(ours).backward();
    optimizer.step();
    first.zero_grad();
    second.zero_grad();
    quadratic(theirs).backward();
    first.step();
    second.step();
  }
  EXPECT_TRUE(close(ours[0].second, theirs[0].second, 2e-6));
  EXPECT_TRUE(close(ours[1].second, theirs[1].second, 2e-6));
}

TEST(FusedAdamW, ClipsTheCommonNorm) {
  const auto parameters = quadratic_parameters();
  FusedAdamW optimizer({{parameters, 1}}, {});
  quadratic(parameters).backward();
  const auto flat = [&] {
    return at::cat({parameters[0].second.grad().flatten(), parameters[1].second.grad().flatten()});
  };
  const auto before = flat().clone();
  const auto norm = optimizer.step(0.5);
  EXPECT_NEAR(norm.item<double>(), before.norm().item<double>(), 1e-4);
  EXPECT_NEAR(flat().norm().item<double>(), 0.5, 1e-4);
  EXPECT_TRUE(close(flat() / flat().norm(), before / before.norm(), 1e-6));
  optimizer.step(100);  // large enough: nothing changes
  EXPECT_NEAR(flat().norm().item<double>(), 0.5, 1e-4);
}

TEST(FusedAdamW, NamesTheParameterWithoutGradient) {
  const auto parameters = quadratic_parameters();
  FusedAdamW optimizer({{parameters, 1}}, {});
  parameters[0].second.square().sum().backward();
  EXPECT_THROW(
      {
        try {
          optimizer.step();
        } catch (const c10::Error& e) {
          EXPECT_NE(std::string(e.what()).find("b has no gradient"), std::string::npos);
          throw;
        }
      },
      c10::Error);
}

}  // namespace
}  // namespace patronus
