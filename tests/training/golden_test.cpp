// Replays tests/golden/model.pt, which tools/golden/model.py writes with the PyTorch twin: the numerics of
// model, samplers and training, also for the settings that the reference does not have.
#include <ATen/Functions.h>
#include <gtest/gtest.h>

#include "patronus/diffusion/conditional_denoiser.h"
#include "patronus/diffusion/samplers.h"
#include "patronus/run/run_config.h"
#include "patronus/training/adamw.h"
#include "patronus/training/gradients.h"
#include "patronus/training/training_step.h"
#include "support/named_tensors.h"
#include "support/parity.h"

namespace patronus::test {
namespace {

RunConfig config_of(const Dict& settings) {
  RunConfig config;
  config.data.channels = settings.at("image_channels").integer();
  config.data.size = settings.at("image_size").integer();
  config.model.encoder = {.channels = integers(settings.at("encoder_channels")),
                          .kernels = integers(settings.at("kernels")),
                          .strides = integers(settings.at("strides")),
                          .paddings = integers(settings.at("paddings"))};
  config.model.prototypes.count = settings.at("prototypes").integer();
  config.model.prototypes.standardize = settings.at("standardize").integer() != 0;
  auto& unet = config.model.unet;
  unet.base_channels = settings.at("base_channels").integer();
  unet.multipliers = integers(settings.at("multipliers"));
  unet.residual_blocks = settings.at("residual_blocks").integer();
  unet.attention_levels = integers(settings.at("attention_levels"));
  unet.dropout = settings.at("dropout").number();
  unet.time_multiple = settings.at("time_multiple").integer();
  unet.unshuffle = settings.at("unshuffle").integer();
  unet.condition = parse_enum<ConditionKind>(settings.at("condition").text(), "condition");
  unet.condition_embedding =
      parse_enum<ConditionEmbedding>(settings.at("condition_embedding").text(), "condition_embedding");
  config.diffusion.timesteps = settings.at("timesteps").integer();
  config.diffusion.prediction = parse_enum<PredictionKind>(settings.at("prediction").text(), "prediction");
  config.training.distinct_weight = settings.at("distinct_weight").number();
  config.training.distinct_margin = settings.at("distinct_margin").number();
  config.training.decorrelation_weight = settings.at("decorrelation_weight").number();
  config.training.decorrelation_memory = settings.at("decorrelation_memory").number();
  return config;
}

class GoldenModel : public testing::TestWithParam<std::string> {
 protected:
  GoldenModel()
      : file(read_tensor_file(std::filesystem::path(PATRONUS_SOURCE_DIR) / "tests/golden/model.pt")),
        values(file.at(GetParam()).dict()),
        config(config_of(values.at("settings").dict())),
        schedule(config.diffusion),
        model(make_model(config)),
        decorrelation(config.model.prototypes.count, config.training.decorrelation_memory, at::kCPU) {
    // The constant sinusoid table is not in the file: the model's own stays.
    NamedTensors state;
    for (const auto& [name, own] : model.state()) {
      const auto* stored = values.at("state").dict().find(name);
      state.emplace_back(name, stored ? stored->tensor() : own);
    }
    model.load_state(state);
    model.eval();
  }

  const at::Tensor& tensor(const std::string& name) const { return values.at(name).tensor(); }
  double setting(const std::string& name) const { return values.at("settings").dict().at(name).number(); }

  Denoiser denoiser() {
    return conditional_denoiser(model.unet, schedule, config.diffusion.prediction)(tensor("activations"),
                                                                                   Precision::kFloat32);
  }

  at::Tensor loss() {
    return training_losses(model, schedule, {tensor("x0"), tensor("t"), tensor("noise")},
                           {.prediction = config.diffusion.prediction,
                            .distinct_weight = config.training.distinct_weight,
                            .distinct_margin = config.training.distinct_margin,
                            .decorrelation_weight = config.training.decorrelation_weight},
                           &decorrelation)
        .total;
  }

  /// As close as chains are expected to stay (parity README).
  void expect_chain(const at::Tensor& actual, const std::string& name) {
    const auto& expected = tensor(name);
    EXPECT_TRUE(close(actual, expected, 1e-3 * std::max(1.0, expected.abs().max().item<double>()))) << name;
  }

  Dict file;
  const Dict& values;
  RunConfig config;
  NoiseSchedule schedule;
  PatronusModel model;
  DecorrelationPenalty decorrelation;
};

TEST_P(GoldenModel, ActivationsAndOutputAgree) {
  const c10::NoGradGuard no_grad;
  const auto activations = model.encoder->forward(tensor("x0")).activation;
  EXPECT_TRUE(close(activations, tensor("activations"), 1e-5));
  const auto output = model.unet->forward(tensor("x_t"), tensor("t"), activations);
  EXPECT_TRUE(close(output, tensor("output"), 2e-5));
}

TEST_P(GoldenModel, EveryGradientAgrees) {
  model.train();
  loss().backward();
  const auto& expected = values.at("gradients").dict();
  constexpr double kNoise = 1e-7;
  EXPECT_EQ(model.parameters().size(), expected.size());
  for (const auto& [name, parameter] : model.parameters()) {
    const auto& gradient = expected.at(name).tensor();
    const double largest = gradient.abs().max().item<double>();
    // Groups are one channel wide here, so a bias in front of a norm has no gradient but rounding noise.
    const double tolerance = largest < kNoise ? kNoise : 1e-3 * largest + 1e-8;
    EXPECT_TRUE(close(parameter.grad(), gradient, tolerance)) << name;
  }
}

TEST_P(GoldenModel, LossesOfTenAdamWStepsAgree) {
  model.train();
  FusedAdamW optimizer({{.parameters = model.parameters()}}, {});
  optimizer.set_learning_rate(setting("learning_rate"));
  const auto& losses = values.at("losses").list();
  ASSERT_EQ(losses.size(), 10U);
  for (size_t step = 0; step < losses.size(); ++step) {
    const auto computed = loss();
    const double expected = losses[step].number();
    EXPECT_NEAR(computed.item<double>(), expected, 1e-4 * expected) << "step " << step;
    zero_gradients(model.parameters());
    computed.backward();
    optimizer.step();
  }
}

TEST_P(GoldenModel, SamplingAndInversionAgree) {
  const auto steps = static_cast<int64_t>(setting("chain_steps"));
  expect_chain(sample(denoiser(), tensor("x_t"), schedule, {.steps = steps}), "sampled");
  const InversionOptions plain{.steps = steps, .method = InversionMethod::kPlain};
  expect_chain(invert_ddim(denoiser(), tensor("x0"), schedule, plain).x_T, "inverted");
  expect_chain(sample(denoiser(), tensor("inverted"), schedule, {.steps = steps}), "reconstructed");
}

INSTANTIATE_TEST_SUITE_P(Twin, GoldenModel, testing::Values("paper", "extras"),
                         [](const auto& info) { return info.param; });

}  // namespace
}  // namespace patronus::test
