#include "patronus/models/module_state.h"

#include <ATen/Functions.h>
#include <gtest/gtest.h>
#include <torch/nn/modules/batchnorm.h>
#include <torch/nn/modules/container/sequential.h>
#include <torch/nn/modules/linear.h>

#include <cmath>

#include "patronus/core/error.h"
#include "support/failure.h"
#include "support/named_tensors.h"

namespace patronus {
namespace {

TEST(ModuleState, ListsParametersThenBuffersThenChildrenAsPythonDoes) {
  torch::nn::Sequential module(torch::nn::Linear(2, 3), torch::nn::BatchNorm1d(3));
  module->register_buffer("extra", at::zeros({1}));
  module->register_parameter("own", at::zeros({1}));
  EXPECT_EQ(test::names(module_state(*module, "net.")),
            (std::vector<std::string>{"net.own", "net.extra", "net.0.weight", "net.0.bias", "net.1.weight",
                                      "net.1.bias", "net.1.running_mean", "net.1.running_var",
                                      "net.1.num_batches_tracked"}));
  EXPECT_EQ(test::names(trainable_tensors(module_state(*module))),
            (std::vector<std::string>{"own", "0.weight", "0.bias", "1.weight", "1.bias"}));
}

TEST(ModuleState, HoldsTheModulesOwnTensors) {
  torch::nn::Linear linear(2, 1);
  for (auto& [name, tensor] : module_state(*linear)) tensor.detach().fill_(0.5);
  EXPECT_EQ(linear(at::ones({1, 2})).item<double>(), 1.5);
}

TEST(LoadTensors, CastsToTheTypesOfTheirOwn) {
  const NamedTensors own{{"weight", at::zeros({2})}, {"count", at::zeros({}, at::kLong)}};
  load_tensors(own, {{"count", at::full({}, 7.0)}, {"weight", at::tensor({0.1, 0.2}, at::kDouble)}});
  EXPECT_EQ(own[1].second.item<int64_t>(), 7);
  EXPECT_EQ(own[0].second.scalar_type(), at::kFloat);
  EXPECT_FLOAT_EQ(own[0].second[1].item<float>(), 0.2F);
}

TEST(LoadTensors, NamesEachMistakeAndChangesNothing) {
  const NamedTensors own{{"a", at::zeros({2})}, {"b", at::zeros({3})}};
  const auto mistake = [&](const NamedTensors& values, const std::string& advice = "try another file") {
    const std::string message = test::message_of([&] { load_tensors(own, values, advice); });
    for (const auto& [name, tensor] : own) EXPECT_EQ(tensor.abs().max().item<float>(), 0) << name;
    return message;
  };
  const auto ones = [](int64_t size) { return at::ones({size}); };
  EXPECT_EQ(mistake({{"a", ones(2)}, {"b", ones(4)}}), "tensor b is [4], the model wants [3]");
  EXPECT_EQ(mistake({{"a", ones(2)}, {"b", ones(1)}}), "tensor b is [1], the model wants [3]")
      << "it is not repeated";
  EXPECT_EQ(mistake({{"a", ones(2)}}),
            "the weights are of another model: 1 tensor is missing (b); try another file");
  EXPECT_EQ(
      mistake(
          {{"a", ones(2)}, {"b", ones(3)}, {"c", ones(1)}, {"d", ones(1)}, {"e", ones(1)}, {"f", ones(1)}}),
      "the weights are of another model: 4 tensors are unknown (c, d, e, ...); try another file");
  EXPECT_EQ(mistake({{"x", ones(1)}, {"a", ones(5)}}), "tensor a is [5], the model wants [2]")
      << "a shape says more than names";
}

TEST(RequireFinite, NamesTheTensor) {
  const auto message = [](double value) {
    return test::message_of([&] {
      require_finite({{"count", at::tensor({3}, at::kLong)}, {"weight", at::tensor({1.0, value})}});
    });
  };
  EXPECT_EQ(message(1e30), "no error");
  for (const double value : {double{NAN}, HUGE_VAL, -HUGE_VAL})
    EXPECT_TRUE(message(value).starts_with("tensor weight holds values that are not finite")) << value;
  EXPECT_THROW(require_finite({{"weight", at::full({1}, NAN)}}), DataError);
}

}  // namespace
}  // namespace patronus
