#include "patronus/models/unet.h"

#include <ATen/Functions.h>
#include <ATen/TensorOperators.h>
#include <c10/core/GradMode.h>
#include <gtest/gtest.h>

#include "patronus/core/device.h"
#include "patronus/core/random.h"
#include "patronus/models/module_state.h"
#include "support/failure.h"
#include "support/parity.h"

namespace patronus {
namespace {

using test::close;

constexpr UNetShape kShape{.image_channels = 3, .image_size = 16, .prototypes = 5};
const UNetConfig kSmall{.base_channels = 16, .multipliers = {1, 2}, .residual_blocks = 1, .dropout = 0};

UNet seeded_unet(const UNetShape& shape, const UNetConfig& config) {
  seed_default_generators(4);
  return UNet(shape, config);
}

struct Inputs {
  at::Tensor x, t, activations;
};

Inputs some_inputs(int64_t count) {
  return {at::randn({count, 3, 16, 16}, make_generator(1)), at::arange(count) * 90,
          at::rand({count, 5}, make_generator(2))};
}

/// Root mean square of the difference, relative to the expected values.
double relative_error(const at::Tensor& actual, const at::Tensor& expected) {
  return ((actual.to(at::kFloat) - expected).norm() / expected.norm()).item<double>();
}

TEST(UNet, OutputHasTheShapeOfTheImages) {
  const auto in = some_inputs(2);
  for (const int64_t unshuffle : {1, 2, 4}) {
    auto config = kSmall;
    config.unshuffle = unshuffle;
    EXPECT_EQ(seeded_unet(kShape, config)(in.x, in.t, in.activations).sizes(), in.x.sizes()) << unshuffle;
  }
}

TEST(UNet, UnshuffledIsTheNetworkOnFoldedPixels) {
  const c10::NoGradGuard no_grad;
  auto folding = kSmall;
  folding.unshuffle = 2;
  auto unfolded = seeded_unet({.image_channels = 12, .image_size = 8, .prototypes = 5}, kSmall);
  const auto in = some_inputs(2);
  const auto expected = at::pixel_shuffle(unfolded(at::pixel_unshuffle(in.x, 2), in.t, in.activations), 2);
  EXPECT_TRUE(at::equal(seeded_unet(kShape, folding)(in.x, in.t, in.activations), expected));
}

TEST(UNet, ZeroOutputStartsAtExactlyZero) {
  auto shape = kShape;
  shape.zero_output = true;
  const auto in = some_inputs(2);
  EXPECT_EQ(seeded_unet(shape, kSmall)(in.x, in.t, in.activations).abs().max().item<double>(), 0);
  EXPECT_GT(seeded_unet(kShape, kSmall)(in.x, in.t, in.activations).abs().max().item<double>(), 0);
}

TEST(UNet, OutputDependsOnTimeAndOnEveryActivation) {
  const c10::NoGradGuard no_grad;
  auto unet = seeded_unet(kShape, kSmall);
  const auto in = some_inputs(1);
  const auto plain = unet(in.x, in.t, in.activations);
  EXPECT_GT(relative_error(unet(in.x, in.t + 1, in.activations), plain), 1e-4);
  for (int64_t p = 0; p < 5; ++p) {
    auto changed = in.activations.clone();
    changed[0][p] += 1;
    EXPECT_GT(relative_error(unet(in.x, in.t, changed), plain), 1e-4) << p;
  }
}

TEST(UNet, WithoutConditionLooksAtNoActivations) {
  const c10::NoGradGuard no_grad;
  auto config = kSmall;
  config.condition = ConditionKind::kOff;
  auto shape = kShape;
  shape.standardize = true;
  auto unet = seeded_unet(shape, config);
  EXPECT_FALSE(unet->is_conditional());
  for (const auto& named : unet->named_parameters()) {
    EXPECT_EQ(named.key().find("cond"), std::string::npos) << named.key();
    EXPECT_EQ(named.key().find("dense_2"), std::string::npos) << named.key();
  }
  const auto in = some_inputs(2);
  const auto plain = unet(in.x, in.t, at::Tensor());
  EXPECT_TRUE(at::equal(unet(in.x, in.t, in.activations), plain));
  EXPECT_GT(relative_error(unet(in.x, in.t + 1, at::Tensor()), plain), 1e-4);
}

TEST(UNet, ImagesOfABatchDoNotInfluenceEachOther) {
  const c10::NoGradGuard no_grad;
  auto unet = seeded_unet(kShape, kSmall);
  const auto in = some_inputs(3);
  const auto whole = unet(in.x, in.t, in.activations);
  const auto alone = unet(in.x.slice(0, 2), in.t.slice(0, 2), in.activations.slice(0, 2));
  EXPECT_TRUE(close(whole.slice(0, 2), alone, 1e-5));
}

TEST(UNet, PartsOfForwardAreForward) {
  const c10::NoGradGuard no_grad;
  auto unet = seeded_unet(kShape, kSmall);
  const auto in = some_inputs(2);
  const Embeddings embeddings{unet->embed_time(in.t), unet->embed_condition(in.activations)};
  EXPECT_TRUE(at::equal(unet->denoise(in.x, embeddings), unet(in.x, in.t, in.activations)));
}

TEST(UNet, OneTimeEmbeddingServesABatchOfOneLevel) {
  const c10::NoGradGuard no_grad;
  auto unet = seeded_unet(kShape, kSmall);
  const auto in = some_inputs(3);
  const Embeddings embeddings{unet->embed_time(at::full({1}, 40, at::kLong)),
                              unet->embed_condition(in.activations)};
  EXPECT_TRUE(
      close(unet->denoise(in.x, embeddings), unet(in.x, at::full({3}, 40, at::kLong), in.activations), 1e-6));
}

TEST(UNet, AutocastToBf16IsCloseForOutputAndGradients) {
  auto config = kSmall;
  config.attention_levels = {1};
  auto unet = seeded_unet(kShape, config);
  const auto in = some_inputs(2);
  const auto gradient = [&] {
    unet->zero_grad();
    const auto output = unet(in.x, in.t, in.activations);
    output.to(at::kFloat).square().mean().backward();
    return std::pair(output.detach(), unet->named_parameters()["first.weight"].grad().clone());
  };
  const auto [output, grad] = gradient();
  const PrecisionGuard autocast(at::kCPU, Precision::kBfloat16);
  const auto [output_bf16, grad_bf16] = gradient();
  EXPECT_EQ(output_bf16.scalar_type(), at::kBFloat16);
  EXPECT_EQ(grad_bf16.scalar_type(), at::kFloat);
  EXPECT_LT(relative_error(output_bf16, output), 0.02);
  EXPECT_LT(relative_error(grad_bf16, grad), 0.05);
}

TEST(UNet, ChannelsLastAgreesInOutputAndGradients) {
  auto unet = seeded_unet(kShape, kSmall);
  const auto in = some_inputs(8);  // enough for Winograd's convolutions, which the other layout does not take
  const auto results = [&](at::MemoryFormat layout) {
    unet->zero_grad();
    const auto output = unet(in.x.contiguous(layout), in.t, in.activations);
    output.square().mean().backward();
    NamedTensors all{{"output", output.detach()}};
    for (const auto& parameter : unet->named_parameters()) {
      if (parameter->grad().defined()) all.emplace_back(parameter.key(), parameter->grad().clone());
    }
    return all;
  };
  const auto plain = results(at::MemoryFormat::Contiguous), ours = results(at::MemoryFormat::ChannelsLast);
  ASSERT_EQ(plain.size(), ours.size());
  for (size_t i = 0; i < plain.size(); ++i) {
    EXPECT_LT(relative_error(ours[i].second, plain[i].second), 2e-5) << plain[i].first;
  }
}

TEST(UNet, EmbeddingsAreBitIdenticalUnderAutocast) {
  const c10::NoGradGuard no_grad;
  auto unet = seeded_unet(kShape, kSmall);
  const auto in = some_inputs(2);
  const auto time = unet->embed_time(in.t), condition = unet->embed_condition(in.activations);
  const PrecisionGuard autocast(at::kCPU, Precision::kBfloat16);
  EXPECT_TRUE(at::equal(unet->embed_time(in.t), time));
  EXPECT_TRUE(at::equal(unet->embed_condition(in.activations), condition));
}

TEST(UNet, DropoutDropsWholeChannelsOnlyWhileTraining) {
  const c10::NoGradGuard no_grad;
  auto config = kSmall;
  config.dropout = 0.5;
  auto unet = seeded_unet(kShape, config);
  const auto in = some_inputs(2);
  EXPECT_FALSE(at::equal(unet(in.x, in.t, in.activations), unet(in.x, in.t, in.activations)));
  unet->eval();
  EXPECT_TRUE(at::equal(unet(in.x, in.t, in.activations), unet(in.x, in.t, in.activations)));
}

TEST(UNet, StandardizedActivationsDoNotFeelScaleAndShiftWhileTraining) {
  const c10::NoGradGuard no_grad;
  auto shape = kShape;
  shape.standardize = true;
  auto unet = seeded_unet(shape, kSmall);
  const auto in = some_inputs(4);
  const auto plain = unet->embed_condition(in.activations * 10);
  EXPECT_TRUE(close(unet->embed_condition(in.activations * 30 + 7), plain, 1e-4));
}

TEST(UNet, StandardizationUsesRunningStatisticsInEvaluation) {
  const c10::NoGradGuard no_grad;
  auto shape = kShape;
  shape.standardize = true;
  auto unet = seeded_unet(shape, kSmall);
  const auto in = some_inputs(8);
  const auto batch_mean = in.activations.mean(0), batch_variance = in.activations.var(0, /*unbiased=*/true);
  unet->embed_condition(in.activations);
  const auto buffers = unet->named_buffers();
  EXPECT_TRUE(close(buffers["cond_norm.running_mean"], 0.1 * batch_mean, 1e-6));
  EXPECT_TRUE(close(buffers["cond_norm.running_var"], 0.9 + 0.1 * batch_variance, 1e-6));
  unet->eval();
  const auto whole = unet->embed_condition(in.activations);
  const auto alone = unet->embed_condition(in.activations.slice(0, 0, 1));
  EXPECT_TRUE(close(whole.slice(0, 0, 1), alone, 1e-6));
}

TEST(UNet, TimeTableGrowsBeyondTheReferencesOnlyWhenNeeded) {
  auto shape = kShape;
  const auto table = [&] {
    return seeded_unet(shape, kSmall)->named_parameters()["time_embeddings.time_blocks.0.weight"];
  };
  shape.timesteps = 50;
  EXPECT_EQ(table().sizes(), (std::vector<int64_t>{1000, 16}));
  shape.timesteps = 4000;
  EXPECT_EQ(table().sizes(), (std::vector<int64_t>{4000, 16}));
  EXPECT_FALSE(table().requires_grad());
}

TEST(UNetConfig, SidesThatTheLevelsCannotHalveAreRefused) {
  const UNetConfig config{.multipliers = {1, 2, 4, 4}, .unshuffle = 2};
  EXPECT_EQ(test::message_of([&] { config.validate(24); }),
            "model.unet.multipliers: 4 levels with unshuffle 2 divide the image's side by 16, but images "
            "have 24 pixels a "
            "side; change data.size or use fewer levels");
  EXPECT_EQ(test::message_of([&] { config.validate(32); }), "no error");
}

TEST(UNetConfig, ChannelsThatCannotBeGroupedAreRefused) {
  const UNetConfig config{.base_channels = 20};
  EXPECT_EQ(test::message_of([&] { config.validate(32); }),
            "model.unet.base_channels: must be a multiple of 8, got 20");
}

TEST(UNetConfig, AttentionOnALevelThatIsNotThereIsRefused) {
  const UNetConfig config{.multipliers = {1, 2}, .attention_levels = {1, 2}};
  EXPECT_EQ(test::message_of([&] { config.validate(32); }),
            "model.unet.attention_levels: there is no level 2; model.unet.multipliers has levels 0 to 1");
}

TEST(UNetConfig, NoLevelsAreRefused) {
  const UNetConfig config{.multipliers = {}};
  EXPECT_EQ(test::message_of([&] { config.validate(32); }),
            "model.unet.multipliers: is empty; give one entry a level");
}

}  // namespace
}  // namespace patronus
