#include "patronus/models/unet.h"

#include <ATen/Functions.h>
#include <ATen/TensorOperators.h>
#include <c10/core/GradMode.h>

#include <filesystem>
#include <map>
#include <optional>

#include "patronus/training/training_step.h"
#include "support/parity.h"
#include "support/projected.h"
#include "support/reference_model.h"

namespace patronus::test {
namespace {

constexpr double kOutputError = 2e-5;

/// Cases whose weights are stored, or are given by formula.
std::vector<std::filesystem::path> unet_cases(bool by_formula) {
  auto cases = parity_cases("unet_");
  std::erase_if(cases, [&](const auto& path) {
    return read_tensor_file(path).find("weight_seed") == nullptr ? by_formula : !by_formula;
  });
  return cases;
}

class UNetParity : public testing::TestWithParam<std::filesystem::path> {
 protected:
  void SetUp() override {
    file = read_tensor_file(GetParam());
    model.emplace(reference_model(file.at("config").dict(), &file.at("state_dict").dict()));
  }

  const at::Tensor& tensor(const std::string& key) const { return file.at(key).tensor(); }

  Dict file;
  std::optional<PatronusModel> model;
};

TEST_P(UNetParity, StateDictHasTheReferencesNamesInItsOrder) {
  EXPECT_EQ(names(model->state()), names(named_tensors(file.at("state_dict").dict())));
  std::vector<std::string> frozen;
  for (const auto& [name, parameter] : model->state()) {
    if (!parameter.requires_grad()) frozen.push_back(name);
  }
  EXPECT_EQ(frozen, texts(file.at("denoiser_only").dict().at("no_grad_params")));
}

TEST_P(UNetParity, OutputAgrees) {
  const c10::NoGradGuard no_grad;
  const auto eps = model->unet(tensor("x"), tensor("t"), tensor("cond"));
  EXPECT_TRUE(close(eps, tensor("eps"), kOutputError));
  EXPECT_TRUE(close(eps, tensor("eps_f64"), kOutputError));
}

TEST_P(UNetParity, OutputInChannelsLastAgrees) {
  const c10::NoGradGuard no_grad;
  use_channels_last(*model->unet);
  const auto x = tensor("x").contiguous(at::MemoryFormat::ChannelsLast);
  EXPECT_TRUE(close(model->unet(x, tensor("t"), tensor("cond")), tensor("eps"), kOutputError));
}

TEST_P(UNetParity, OutputConditionedOnTheNoisyImageItselfAgrees) {
  const c10::NoGradGuard no_grad;
  const auto cond = model->encoder(tensor("x")).activation;
  EXPECT_TRUE(close(model->unet(tensor("x"), tensor("t"), cond), tensor("eps_no_cond"), kOutputError));
}

TEST_P(UNetParity, EmbeddingsAgree) {
  const c10::NoGradGuard no_grad;
  EXPECT_TRUE(close(model->unet->embed_time(tensor("t")), tensor("time_emb"), 1e-5, 1e-5));
  EXPECT_TRUE(close(model->unet->embed_condition(tensor("cond")), tensor("cond_emb"), 1e-5, 1e-5));
}

/// Outputs of all blocks for the first image, by their names in the state dict.
std::map<std::string, at::Tensor> block_outputs(UNet& unet, const at::Tensor& x_t,
                                                const Embeddings& embeddings) {
  const auto modules = unet->named_modules();
  const Embeddings activated{at::silu(embeddings.time), at::silu(embeddings.condition)};
  std::map<std::string, at::Tensor> outputs;
  auto x = outputs["first"] = modules["first"]->as<torch::nn::Conv2dImpl>()->forward(x_t);
  std::vector<at::Tensor> skips{x};
  const auto step = [&](const std::string& name) {
    auto* residual = modules[name]->as<ResidualBlockImpl>();
    const Embeddings projected = residual != nullptr ? test::projected(*residual, activated) : Embeddings();
    x = outputs[name] = modules[name]->as<UNetBlockImpl>()->forward(x, projected);
  };
  const auto named = [](const std::string& list, size_t i) { return list + "." + std::to_string(i); };
  for (size_t i = 0; modules.contains(named("encoder_blocks", i)); ++i) {
    step(named("encoder_blocks", i));
    skips.push_back(outputs["encoder_blocks.last"] = x);
  }
  step("bottleneck_blocks.0");
  step("bottleneck_blocks.1");
  for (size_t i = 0; modules.contains(named("decoder_blocks", i)); ++i) {
    if (!modules.contains(named("decoder_blocks", i) + ".upsample")) {
      x = at::cat({x, skips.back()}, 1);
      skips.pop_back();
    }
    step(named("decoder_blocks", i));
  }
  return outputs;
}

TEST_P(UNetParity, BlockOutputsAgree) {
  const c10::NoGradGuard no_grad;
  const Embeddings embeddings{model->unet->embed_time(tensor("t")),
                              model->unet->embed_condition(tensor("cond"))};
  const auto outputs = block_outputs(model->unet, tensor("x"), embeddings);
  for (const auto& [name, expected] : file.at("activations_sample0").dict().entries()) {
    ASSERT_TRUE(outputs.contains(name)) << name;
    EXPECT_TRUE(close(outputs.at(name).slice(0, 0, 1), expected.tensor(), 1e-5, 1e-5)) << name;
  }
}

void expect_condition_and_output(PatronusModel& model, const Dict& file) {
  const auto match = model.encoder(file.at("x0").tensor());
  const auto error = activation_tolerance(
      match.distance,
      distance_tolerance(model.encoder->features(file.at("x0").tensor()), model.encoder->prototypes()));
  EXPECT_LE(((match.activation - file.at("cond_x0").tensor()).abs() - error).max().item<double>(), 0);
  const auto output = model.unet(file.at("x_t").tensor(), file.at("t_loss").tensor(), match.activation);
  EXPECT_TRUE(close(output, file.at("pred_noise").tensor(), kOutputError));
}

/// Leaves the gradients of a training step's losses on the model, and compares the losses.
void backpropagate_and_compare(PatronusModel& model, const Dict& file, const Dict& group) {
  const NoiseSchedule schedule({.timesteps = file.at("timesteps").integer()});
  EXPECT_EQ(group.at("lambda_denoiser").number(), 1);
  const LossOptions options{.distinct_weight = group.at("lambda_distinct").number(),
                            .distinct_margin = file.at("distinct_margin").number()};
  const Losses losses =
      backpropagate(model, schedule,
                    {file.at("x0").tensor(), file.at("t_loss").tensor(), file.at("noise").tensor()}, options);
  // The reference computes the distinct loss where its weight is 0, too.
  const auto distinct = distinct_loss(model.encoder->prototypes(), options.distinct_margin);
  const auto expect = [&](const char* name, const at::Tensor& computed) {
    const double expected = group.at(name).number();
    EXPECT_NEAR(computed.item<double>(), expected, 1e-5 * expected) << name;
  };
  expect("loss", losses.total);
  expect("denoiser_loss", losses.denoising);
  expect("distinct_loss", distinct);
}

void expect_gradients(const PatronusModel& model, const Dict& group) {
  const auto state = model.state();
  const std::map<std::string, at::Tensor> by_name(state.begin(), state.end());
  for (const auto& [name, expected] : group.at("grads").dict().entries()) {
    const double largest = expected.tensor().abs().max().item<double>();
    EXPECT_TRUE(close(by_name.at(name).grad(), expected.tensor(), 1e-3 * largest + 1e-8)) << name;
  }
  if (!group.find("grad_l2")) return;
  for (const auto& [name, expected] : group.at("grad_l2").dict().entries()) {
    const double norm = by_name.at(name).grad().norm().item<double>();
    EXPECT_NEAR(norm, expected.number(), 1e-3 * expected.number() + 1e-8) << name;
  }
}

TEST_P(UNetParity, LossesAndGradientsAgree) {
  expect_condition_and_output(*model, file);
  int groups = 0;
  for (const auto& [name, value] : file.entries()) {
    if (!std::holds_alternative<Dict>(value) || !value.dict().find("grads")) continue;
    SCOPED_TRACE(name);
    for (const auto& [parameter, tensor] : model->state()) tensor.mutable_grad() = at::Tensor();
    backpropagate_and_compare(*model, file, value.dict());
    expect_gradients(*model, value.dict());
    ++groups;
  }
  EXPECT_GT(groups, 0);
}

GTEST_ALLOW_UNINSTANTIATED_PARAMETERIZED_TEST(UNetParity);
INSTANTIATE_TEST_SUITE_P(Cases, UNetParity, testing::ValuesIn(unet_cases(/*by_formula=*/false)), case_name);

class FormulaUNetParity : public testing::TestWithParam<std::filesystem::path> {};

TEST_P(FormulaUNetParity, StateDictConditionAndOutputAgree) {
  const c10::NoGradGuard no_grad;
  const Dict file = read_tensor_file(GetParam());
  auto model = reference_model(file.at("config").dict(), nullptr);
  EXPECT_EQ(names(model.state()), texts(file.at("keys")));
  const auto& shapes = file.at("shapes").list();
  const auto state = model.state();
  ASSERT_EQ(shapes.size(), state.size());
  for (size_t i = 0; i < shapes.size(); ++i)
    EXPECT_EQ(state[i].second.sizes(), integers(shapes[i])) << state[i].first;
  fill_by_formula(model.state(), file);

  const auto match = model.encoder(file.at("x0").tensor());
  EXPECT_TRUE(close(match.activation, file.at("cond_x0").tensor(), 5e-5));
  const auto eps = model.unet(file.at("x").tensor(), file.at("t").tensor(), file.at("cond").tensor());
  EXPECT_TRUE(close(eps, file.at("eps").tensor(), 5e-5));
  EXPECT_TRUE(close(eps, file.at("eps_f64").tensor(), 5e-5));
}

GTEST_ALLOW_UNINSTANTIATED_PARAMETERIZED_TEST(FormulaUNetParity);
INSTANTIATE_TEST_SUITE_P(Cases, FormulaUNetParity, testing::ValuesIn(unet_cases(/*by_formula=*/true)),
                         case_name);

}  // namespace
}  // namespace patronus::test
