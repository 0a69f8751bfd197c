#include "patronus/training/muon.h"

#include <ATen/Functions.h>
#include <ATen/TensorOperators.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>

#include "patronus/core/random.h"
#include "patronus/models/patronus_model.h"
#include "patronus/models/unet1d.h"
#include "support/parity.h"
#include "support/small_run.h"

namespace patronus {
namespace {

using test::close;

/// Singular values as the iteration leaves them, each by itself, in float64.
at::Tensor iterated(at::Tensor values) {
  for (int i = 0; i < 5; ++i) {
    values = 3.4445 * values - 4.7750 * values.pow(3) + 2.0315 * values.pow(5);
  }
  return values;
}

/// `orthogonalize` of one matrix by its singular value decomposition in float64.
at::Tensor orthogonalized_by_svd(const at::Tensor& matrix) {
  const auto [u, values, v] = at::linalg_svd(matrix.to(at::kDouble), /*full_matrices=*/false);
  return at::matmul(u * iterated(values / values.norm()), v);
}

class OrthogonalizedShape : public testing::TestWithParam<std::pair<int64_t, int64_t>> {};

TEST_P(OrthogonalizedShape, ActsOnTheSingularValuesAlone) {
  const auto [rows, columns] = GetParam();
  auto matrices = at::randn({3, rows, columns}, make_generator(1));
  matrices[1].mul_(1e-6);                                                    // scale does not matter
  matrices[2] = matrices[2].narrow(0, 0, 1).expand_as(matrices[2]).clone();  // rank 1
  const auto result = orthogonalize(matrices);
  for (int64_t i = 0; i < 3; ++i) {
    EXPECT_TRUE(close(result[i].to(at::kDouble), orthogonalized_by_svd(matrices[i]), 2e-4)) << i;
  }
  const auto before = at::linalg_svdvals(matrices[0]);
  const auto large = at::linalg_svdvals(result[0]).masked_select(before > before.norm() / 100);
  EXPECT_GT(large.min().item<double>(), 0.65);
  EXPECT_LT(large.max().item<double>(), 1.25);
}

INSTANTIATE_TEST_SUITE_P(Shapes, OrthogonalizedShape,
                         testing::Values(std::pair{16, 144}, std::pair{144, 16}, std::pair{24, 24}));

TEST(Orthogonalized, LeavesZeros) {
  EXPECT_EQ(orthogonalize(at::zeros({1, 4, 6})).abs().max().item<double>(), 0);
}

/// Gives every parameter a gradient of `seed` and its place.
void set_gradients(const NamedTensors& parameters, uint64_t seed) {
  for (const auto& [name, parameter] : parameters) {
    parameter.mutable_grad() = at::randn(parameter.sizes(), make_generator(seed++)).mul_(1e-3);
  }
}

NamedTensors convolutions_and_matrix() {
  const auto channels_last = [](uint64_t seed) {
    return at::randn({8, 4, 3, 3}, make_generator(seed)).contiguous(at::MemoryFormat::ChannelsLast);
  };
  return {{"conv1", channels_last(1)},
          {"matrix", at::randn({8, 5}, make_generator(2))},
          {"conv2", channels_last(3)}};
}

TEST(Muon, GoesAlongTheOrthogonalizedNesterovMomentum) {
  const double rate = 0.01, factor = 2, decay = 0.1;
  const auto parameters = convolutions_and_matrix();
  Muon muon({.parameters = parameters, .learning_rate_factor = factor},
            {.momentum = 0.8, .weight_decay = decay});
  muon.set_learning_rate(rate);
  std::vector<at::Tensor> expected, momentum;
  for (const auto& [name, parameter] : parameters) {
    expected.push_back(parameter.to(at::kDouble).contiguous());
    momentum.push_back(at::zeros_like(expected.back()));
  }
  for (uint64_t step = 0; step < 3; ++step) {
    set_gradients(parameters, 10 * step);
    muon.step();
    for (size_t i = 0; i < parameters.size(); ++i) {
      const auto gradient = parameters[i].second.grad().to(at::kDouble);
      momentum[i] = 0.8 * momentum[i] + gradient;
      const auto matrix = (gradient + 0.8 * momentum[i]).contiguous().flatten(1);
      const double length = std::sqrt(double(std::max(matrix.size(0), matrix.size(1))));
      const auto direction = orthogonalized_by_svd(matrix).view_as(expected[i]);
      expected[i] = expected[i] * (1 - rate * factor * decay) - rate * factor * 0.2 * length * direction;
      EXPECT_TRUE(close(parameters[i].second.to(at::kDouble), expected[i], 2e-5)) << i << " " << step;
    }
  }
}

TEST(Muon, GoesOnFromItsState) {
  const auto train = [](Muon& muon, const NamedTensors& parameters, uint64_t seed) {
    muon.set_learning_rate(0.01);
    set_gradients(parameters, seed);
    muon.step();
  };
  const auto through = convolutions_and_matrix(), resumed = convolutions_and_matrix();
  Muon whole({.parameters = through}, {});
  train(whole, through, 1);
  for (size_t i = 0; i < resumed.size(); ++i) resumed[i].second.copy_(through[i].second);
  Muon second({.parameters = resumed}, {});
  second.load_state(deep_copy(whole.state()));
  train(whole, through, 2);
  train(second, resumed, 2);
  for (size_t i = 0; i < resumed.size(); ++i) {
    EXPECT_TRUE(at::equal(resumed[i].second, through[i].second)) << resumed[i].first;
  }
}

TEST(Muon, DivergesByALearningRateBeyondFloat32) {
  const auto parameters = convolutions_and_matrix();
  Muon muon({.parameters = parameters}, {});
  muon.set_learning_rate(1e300);
  set_gradients(parameters, 1);
  muon.step();
  for (const auto& [name, parameter] : parameters)
    EXPECT_FALSE(parameter.isfinite().all().item<bool>()) << name;
}

TEST(Muon, HasNoStateWithoutParameters) {
  EXPECT_EQ(Muon({}, {}).state().size(), 0);
}

std::vector<std::string> names_of(const NamedTensors& parameters) {
  std::vector<std::string> names;
  for (const auto& [name, tensor] : parameters) {
    if (tensor.dim() >= 2) names.push_back(name);
  }
  return names;
}

/// The weights of two dimensions and more that are AdamW's with Muon; all others are Muon's.
std::vector<std::string> outer_weights(const NamedTensors& parameters) {
  OptimizationConfig config;
  config.optimizer = OptimizerKind::kMuon;
  config.muon_learning_rate_factor = 5;
  const ParameterGroups groups = unet_groups(parameters, config);
  const auto& adamw = groups.adamw.at(0).parameters;
  const auto& muon = groups.muon.parameters;
  EXPECT_EQ(groups.muon.learning_rate_factor, 5);
  EXPECT_EQ(names_of(muon).size(), muon.size());
  EXPECT_EQ(adamw.size() + muon.size(), parameters.size());
  return names_of(adamw);
}

TEST(UnetGroups, GiveMuonAllWeightsBetweenHiddenFeatures) {
  const RunConfig config = test::small_run();
  EXPECT_EQ(
      outer_weights(trainable_tensors(module_state(*make_model(config).unet))),
      (std::vector<std::string>{"time_embeddings.time_blocks.1.weight",
                                "time_embeddings.time_blocks.3.weight", "cond_embeddings.vector_fc.0.weight",
                                "cond_embeddings.vector_fc.2.weight", "first.weight", "final.2.weight"}));
  const UNet1d latent(config.latent.unet, config.latent.diffusion.timesteps);
  EXPECT_EQ(outer_weights(trainable_tensors(module_state(*latent))),
            (std::vector<std::string>{"time_emb.time_blocks.1.weight", "time_emb.time_blocks.3.weight",
                                      "initial_conv.weight", "final_conv.weight"}));
}

TEST(UnetGroups, AreAdamWsAlone) {
  const NamedTensors parameters = convolutions_and_matrix();
  const ParameterGroups groups = unet_groups(parameters, {});
  EXPECT_EQ(groups.adamw.at(0).parameters.size(), parameters.size());
  EXPECT_TRUE(groups.muon.parameters.empty());
}

}  // namespace
}  // namespace patronus
