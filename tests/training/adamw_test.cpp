#include "patronus/training/adamw.h"

#include <ATen/Functions.h>
#include <gtest/gtest.h>
#include <torch/optim/adamw.h>

#include "patronus/training/gradients.h"
#include "support/parity.h"
#include "support/two_parameters.h"

namespace patronus {
namespace {

using test::close;

at::Tensor quadratic(const NamedTensors& parameters) {
  return parameters[0].second.square().sum() + 3 * (parameters[1].second - 1).square().sum();
}

TEST(FusedAdamW, ProducesTheValuesOfTorchOptim) {
  const auto ours = test::two_parameters();
  const auto theirs = test::two_parameters();
  FusedAdamW optimizer({{{ours[0]}, 1}, {{ours[1]}, 0.3}}, {.weight_decay = 0.1});
  optimizer.set_learning_rate(0.01);
  torch::optim::AdamW first({theirs[0].second}, torch::optim::AdamWOptions(0.01).weight_decay(0.1));
  torch::optim::AdamW second({theirs[1].second}, torch::optim::AdamWOptions(0.003).weight_decay(0.1));
  for (int step = 0; step < 50; ++step) {
    zero_gradients(ours);
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

TEST(FusedAdamW, DivergesByALearningRateBeyondFloat32) {
  const auto parameters = test::two_parameters();
  FusedAdamW optimizer({{parameters, 1}}, {});
  optimizer.set_learning_rate(1e300);
  quadratic(parameters).backward();
  optimizer.step();
  for (const auto& [name, parameter] : parameters)
    EXPECT_GT(parameter.abs().max().item<double>(), 1e38) << name;
}

}  // namespace
}  // namespace patronus
