#include <ATen/Functions.h>
#include <ATen/TensorOperators.h>
#include <c10/core/GradMode.h>

#include <filesystem>
#include <map>
#include <optional>

#include "patronus/models/losses.h"
#include "support/parity.h"
#include "support/reference_model.h"

namespace patronus::test {
namespace {

/// Replays the recorded training steps with LibTorch's fused AdamW.
class TrainingParity : public testing::TestWithParam<std::filesystem::path> {
 protected:
  void SetUp() override {
    file = read_tensor_file(GetParam());
    model.emplace(reference_model(file.at("config").dict(), &file.at("initial_state_dict").dict()));
    model->train();
    for (const auto& [name, parameter] : model->parameters()) {
      parameters.push_back(parameter);
      averages.push_back(at::zeros_like(parameter));
      squares.push_back(at::zeros_like(parameter));
      steps.push_back(at::zeros({}));
    }
  }

  /// Step `i`, without the update.
  void backward(int64_t i) {
    for (auto& parameter : parameters) parameter.mutable_grad() = at::Tensor();
    const auto alpha_bar =
        (1 - at::linspace(1e-4, 0.02, file.at("timesteps").integer(), at::kDouble)).cumprod(0).to(at::kFloat);
    const auto x0 = file.at("x0").tensor()[i], t = file.at("t").tensor()[i],
               noise = file.at("noise").tensor()[i];
    const auto level = alpha_bar.index_select(0, t).view({-1, 1, 1, 1});
    const auto x_t = level.sqrt() * x0 + (1 - level).sqrt() * noise;
    const auto denoiser = at::mse_loss(model->unet(x_t, t, model->encoder(x0).activation), noise);
    const auto distinct = distinct_loss(model->encoder->prototypes(), file.at("distinct_margin").number());
    const auto loss =
        file.at("lambda_denoiser").number() * denoiser + file.at("lambda_distinct").number() * distinct;
    loss.backward();
    const double tolerance = i == 0 ? 1e-6 : 1e-4;
    expect_loss("loss", i, loss, tolerance);
    expect_loss("denoiser_loss", i, denoiser, tolerance);
    expect_loss("distinct_loss", i, distinct, tolerance);
  }

  void update() {
    const at::NoGradGuard no_grad;
    std::vector<at::Tensor> gradients;
    for (const auto& parameter : parameters) gradients.push_back(parameter.grad());
    at::_foreach_add_(steps, 1);
    const auto& adamw = file.at("adamw").dict();
    at::_fused_adamw_(parameters, gradients, averages, squares, {}, steps, file.at("lr").number(),
                      adamw.at("beta1").number(), adamw.at("beta2").number(),
                      adamw.at("weight_decay").number(), adamw.at("eps").number(), /*amsgrad=*/false,
                      /*maximize=*/false);
  }

  void expect_loss(const std::string& name, int64_t step, const at::Tensor& computed, double tolerance) {
    const double expected = file.at(name).list()[static_cast<size_t>(step)].number();
    EXPECT_NEAR(computed.item<double>(), expected, tolerance * expected) << name << " of step " << step;
  }

  /// Where the first gradient is mere rounding noise, Adam's direction is too.
  void expect_parameters(const std::string& group, int64_t step_count) {
    const auto state = model->state();
    const std::map<std::string, at::Tensor> by_name(state.begin(), state.end());
    const double anywhere = 2 * static_cast<double>(step_count) * file.at("lr").number();
    for (const auto& [name, expected] : file.at(group).dict().entries()) {
      const auto clear = file.at("grad_step1").dict().at(name).tensor().abs() > 1e-5;
      const auto& actual = by_name.at(name);
      EXPECT_TRUE(close(actual.masked_select(clear), expected.tensor().masked_select(clear), 5e-5)) << name;
      EXPECT_TRUE(close(actual, expected.tensor(), anywhere)) << name;
    }
  }

  Dict file;
  std::optional<PatronusModel> model;
  std::vector<at::Tensor> parameters, averages, squares, steps;
};

TEST_P(TrainingParity, GradientsOfTheFirstStepAgree) {
  backward(0);
  const auto& norms = file.at("grad_l2_step1").dict();
  const auto& gradients = file.at("grad_step1").dict();
  for (const auto& [name, parameter] : model->parameters()) {
    const double norm = norms.at(name).number();
    EXPECT_NEAR(parameter.grad().norm().item<double>(), norm, 1e-3 * norm + 1e-8) << name;
    if (const auto* expected = gradients.find(name)) {
      const double largest = expected->tensor().abs().max().item<double>();
      EXPECT_TRUE(close(parameter.grad(), expected->tensor(), 1e-3 * largest + 1e-8)) << name;
    }
  }
  EXPECT_EQ(norms.size(), parameters.size());
}

TEST_P(TrainingParity, LossesAndParametersAgreeAfterEveryStep) {
  const int64_t step_count = file.at("x0").tensor().size(0);
  for (int64_t i = 0; i < step_count; ++i) {
    backward(i);
    update();
    const auto group = "params_after_" + std::to_string(i + 1);
    if (file.find(group)) expect_parameters(group, i + 1);
  }
}

GTEST_ALLOW_UNINSTANTIATED_PARAMETERIZED_TEST(TrainingParity);
INSTANTIATE_TEST_SUITE_P(Cases, TrainingParity, testing::ValuesIn(parity_cases("train_")), case_name);

}  // namespace
}  // namespace patronus::test
