#include <ATen/Functions.h>
#include <ATen/TensorOperators.h>

#include <filesystem>
#include <map>

#include "patronus/training/optimization.h"
#include "support/parity.h"
#include "support/reference_model.h"

namespace patronus::test {
namespace {

/// What a case says of its optimiser; the rest must be what ours is built with.
OptimizationConfig recorded_optimization(const Dict& file) {
  const Dict& adamw = file.at("adamw").dict();
  const AdamWOptions own;
  EXPECT_EQ(adamw.at("beta1").number(), own.beta1);
  EXPECT_EQ(adamw.at("beta2").number(), own.beta2);
  EXPECT_EQ(adamw.at("eps").number(), own.eps);
  return {.learning_rate = file.at("lr").number(),
          .weight_decay = adamw.at("weight_decay").number(),
          .ema_decay = 0};
}

/// The recorded training steps, taken by the product's own schedule, losses and optimiser.
class TrainingParity : public testing::TestWithParam<std::filesystem::path> {
 protected:
  void SetUp() override { model.train(); }

  PatronusModel recorded_model() const {
    return reference_model(file.at("config").dict(), &file.at("initial_state_dict").dict());
  }

  /// The losses of step `i` and the gradients of its parameters.
  Losses backpropagate_step(int64_t i) {
    const auto of_step = [&](const char* key) { return file.at(key).tensor()[i]; };
    EXPECT_EQ(file.at("lambda_denoiser").number(), 1);
    const LossOptions options{.distinct_weight = file.at("lambda_distinct").number(),
                              .distinct_margin = file.at("distinct_margin").number()};
    const double tolerance = i == 0 ? 1e-6 : 1e-4;
    // The reference computes the distinct loss where its weight is 0, too.
    const auto distinct = distinct_loss(model.encoder->prototypes(), options.distinct_margin);
    expect_loss("distinct_loss", i, distinct, tolerance);
    const Losses losses =
        backpropagate(model, schedule, {of_step("x0"), of_step("t"), of_step("noise")}, options);
    expect_loss("loss", i, losses.total, tolerance);
    expect_loss("denoiser_loss", i, losses.denoising, tolerance);
    return losses;
  }

  void expect_loss(const std::string& name, int64_t step, const at::Tensor& computed, double tolerance) {
    const double expected = file.at(name).list()[step].number();
    EXPECT_NEAR(computed.item<double>(), expected, tolerance * expected) << name << " of step " << step;
  }

  /// Where the first gradient is mere rounding noise, Adam's direction is too.
  void expect_parameters(const std::string& group, int64_t step_count) {
    const auto state = model.state();
    const std::map<std::string, at::Tensor> by_name(state.begin(), state.end());
    const double anywhere = 2 * static_cast<double>(step_count) * file.at("lr").number();
    for (const auto& [name, expected] : file.at(group).dict().entries()) {
      const auto clear = file.at("grad_step1").dict().at(name).tensor().abs() > 1e-5;
      const auto& actual = by_name.at(name);
      EXPECT_TRUE(close(actual.masked_select(clear), expected.tensor().masked_select(clear), 5e-5)) << name;
      EXPECT_TRUE(close(actual, expected.tensor(), anywhere)) << name;
    }
  }

  const Dict file = read_tensor_file(GetParam());
  const NoiseSchedule schedule{{.timesteps = file.at("timesteps").integer()}};
  PatronusModel model = recorded_model();
};

TEST_P(TrainingParity, GradientsOfTheFirstStepAgree) {
  backpropagate_step(0);
  const auto& norms = file.at("grad_l2_step1").dict();
  const auto& gradients = file.at("grad_step1").dict();
  for (const auto& [name, parameter] : model.parameters()) {
    const double norm = norms.at(name).number();
    EXPECT_NEAR(parameter.grad().norm().item<double>(), norm, 1e-3 * norm + 1e-8) << name;
    if (const auto* expected = gradients.find(name)) {
      const double largest = expected->tensor().abs().max().item<double>();
      EXPECT_TRUE(close(parameter.grad(), expected->tensor(), 1e-3 * largest + 1e-8)) << name;
    }
  }
  EXPECT_EQ(norms.size(), model.parameters().size());
}

TEST_P(TrainingParity, LossesAndParametersAgreeAfterEveryStep) {
  const int64_t step_count = file.at("x0").tensor().size(0);
  const PatronusModel average = recorded_model();
  int64_t i = 0;
  Optimization optimization(
      recorded_optimization(file), step_count, {.adamw = {{model.parameters()}}}, model.state(),
      average.state(), [&](const TrainingBatch&) { return backpropagate_step(i); }, /*records=*/false);
  for (; i < step_count; ++i) {
    optimization.step({});
    const auto group = "params_after_" + std::to_string(i + 1);
    if (file.find(group)) expect_parameters(group, i + 1);
  }
}

GTEST_ALLOW_UNINSTANTIATED_PARAMETERIZED_TEST(TrainingParity);
INSTANTIATE_TEST_SUITE_P(Cases, TrainingParity, testing::ValuesIn(parity_cases("train_")), case_name);

}  // namespace
}  // namespace patronus::test
