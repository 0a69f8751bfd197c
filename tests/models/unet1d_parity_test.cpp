#include "patronus/models/unet1d.h"

#include <ATen/Functions.h>
#include <ATen/TensorOperators.h>
#include <c10/core/GradMode.h>

#include <algorithm>
#include <cmath>
#include <filesystem>
#include <map>

#include "patronus/diffusion/objective.h"
#include "patronus/models/module_state.h"
#include "patronus/training/gradients.h"
#include "patronus/training/latent_trainer.h"
#include "support/parity.h"
#include "support/reference_latent_sampler.h"
#include "support/reference_model.h"

namespace patronus::test {
namespace {

/// The reference's latent network: its output, loss, gradients, first Adam steps, and whole chains.
class UNet1dParity : public testing::TestWithParam<std::filesystem::path> {
 protected:
  void SetUp() override {
    file = read_tensor_file(GetParam());
    const Dict& config = file.at("config").dict();
    unet = UNet1d(UNet1dConfig{.base_channels = config.at("base_channels").integer(),
                               .multipliers = integers(config.at("channel_mults")),
                               .residual_blocks = config.at("num_res_blocks").integer(),
                               .dropout = 0},
                  config.at("total_time_steps").integer());
    if (const Value* stored = file.find("state_dict")) {
      load_tensors(module_state(*unet), named_tensors(stored->dict()));
    } else {
      fill_by_formula(module_state(*unet), file);
    }
  }

  const at::Tensor& tensor(const std::string& key) const { return file.at(key).tensor(); }

  /// As the product computes it.
  at::Tensor loss() {
    return latent_loss(unet, {tensor("x0"), tensor("t_loss"), tensor("noise")}, schedule(),
                       PredictionKind::kNoise);
  }

  NoiseSchedule schedule() const {
    return NoiseSchedule({.timesteps = file.at("config").dict().at("total_time_steps").integer()});
  }

  Dict file;
  UNet1d unet{nullptr};
};

TEST_P(UNet1dParity, StateDictHasTheReferencesNamesAndShapesInItsOrder) {
  const auto state = module_state(*unet);
  EXPECT_EQ(names(state), texts(file.at("keys")));
  const List& shapes = file.at("shapes").list();
  ASSERT_EQ(state.size(), shapes.size());
  for (size_t i = 0; i < state.size(); ++i) {
    EXPECT_EQ(state[i].second.sizes().vec(), integers(shapes[i])) << state[i].first;
  }
}

TEST_P(UNet1dParity, OutputAgrees) {
  const c10::NoGradGuard no_grad;
  const auto output = unet(tensor("x"), tensor("t"));
  EXPECT_TRUE(close(output, tensor("out"), 2e-5));
  EXPECT_TRUE(close(output, tensor("out_f64"), 2e-5));
}

TEST_P(UNet1dParity, LossAndGradientsAgree) {
  EXPECT_TRUE(
      close(schedule().add_noise(tensor("x0"), tensor("noise"), tensor("t_loss")), tensor("x_t"), 1e-5));
  EXPECT_TRUE(close(unet(tensor("x_t"), tensor("t_loss")), tensor("pred_noise"), 2e-5));
  const auto value = loss();
  value.backward();
  EXPECT_NEAR(value.item<double>(), file.at("loss").number(), 1e-5 * file.at("loss").number());
  const auto state = module_state(*unet);
  const std::map<std::string, at::Tensor> by_name(state.begin(), state.end());
  for (const auto& [name, expected] : file.at("grads").dict().entries()) {
    const double largest = expected.tensor().abs().max().item<double>();
    EXPECT_TRUE(close(by_name.at(name).grad(), expected.tensor(), 1e-3 * largest + 1e-8)) << name;
  }
  for (const auto& [name, norm] : file.at("grad_l2").dict().entries()) {
    EXPECT_NEAR(by_name.at(name).grad().norm().item<double>(), norm.number(), 1e-3 * norm.number() + 1e-8)
        << name;
  }
}

TEST_P(UNet1dParity, LossesOfThreeAdamStepsAgree) {
  // Without weight decay AdamW is Adam.
  const auto parameters = trainable_tensors(module_state(*unet));
  FusedAdamW adam({{.parameters = parameters}}, {.weight_decay = 0});
  adam.set_learning_rate(file.at("adam_lr").number());
  for (const auto& expected : file.at("adam_losses_same_batch").list()) {
    zero_gradients(parameters);
    const auto value = loss();
    EXPECT_NEAR(value.item<double>(), expected.number(), 1e-4 * expected.number());
    value.backward();
    adam.step();
  }
}

TEST_P(UNet1dParity, TheReferencesChainsAgree) {
  const c10::NoGradGuard no_grad;
  for (const auto& [name, value] : file.at("chains").dict().entries()) {
    const Dict& chain = value.dict();
    const Dict& recorded = chain.at("x_before_call").dict();
    size_t compared = 0;
    const NoiseSchedule schedule({.timesteps = chain.at("T").integer()});
    const Denoiser denoiser = [&](const at::Tensor& x, int64_t t) {
      if (const Value* expected = recorded.find(std::to_string(t))) {
        const double largest = std::max(1.0, expected->tensor().abs().max().item<double>());
        EXPECT_TRUE(close(x, expected->tensor(), 1e-3 * largest)) << name << " " << t;
        ++compared;
      }
      const auto output = unet(x, at::full({x.size(0)}, t, at::kLong));
      return to_prediction(output, x, schedule.alpha_bar(t), PredictionKind::kNoise);
    };
    const auto& noise = chain.at("noise").tensor();
    const NoiseSource replayed = [&noise, next = int64_t{0}](const at::Tensor&) mutable {
      return noise[next++];
    };
    const auto& x_T = chain.at("x_T").tensor();
    const auto final = name.starts_with("ddpm") ? reference_latent_ddpm(denoiser, x_T, schedule, replayed)
                                                : reference_latent_ddim(denoiser, x_T, schedule,
                                                                        chain.at("eta").number(), replayed);
    EXPECT_TRUE(close(final, chain.at("final").tensor(), 1e-3)) << name;
    EXPECT_EQ(compared, recorded.size()) << name;
  }
}

TEST_P(UNet1dParity, ScheduleTablesAgree) {
  const NoiseSchedule own = schedule();
  const Dict& tables = file.at("tables").dict();
  for (int64_t t = 0; t < own.timesteps(); ++t) {
    const double beta = own.beta(t), abar = own.alpha_bar(t);
    const std::pair<const char*, double> entries[] = {
        {"beta", beta},
        {"alpha", 1 - beta},
        {"sqrt_beta", std::sqrt(beta)},
        {"alpha_cumulative", abar},
        {"sqrt_alpha_cumulative", std::sqrt(abar)},
        {"one_by_sqrt_alpha", 1 / std::sqrt(1 - beta)},
        {"sqrt_one_minus_alpha_cumulative", std::sqrt(1 - abar)}};
    EXPECT_EQ(tables.size(), std::size(entries));
    for (const auto& [key, value] : entries) {
      EXPECT_NEAR(tables.at(key).tensor()[t].item<double>(), value, 1e-5 * value) << key << " " << t;
    }
  }
}

GTEST_ALLOW_UNINSTANTIATED_PARAMETERIZED_TEST(UNet1dParity);
INSTANTIATE_TEST_SUITE_P(Cases, UNet1dParity, testing::ValuesIn(parity_cases("latent_")), case_name);

}  // namespace
}  // namespace patronus::test
