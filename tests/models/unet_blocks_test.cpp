#include "patronus/models/unet_blocks.h"

#include <ATen/Functions.h>
#include <gtest/gtest.h>

#include <cmath>
#include <string>
#include <vector>

#include "models/sinusoid_table.h"
#include "patronus/core/random.h"
#include "support/on_device.h"
#include "support/parity.h"
#include "support/projected.h"

namespace patronus {
namespace {

class SelfAttentionOn : public test::OnDevice {};
PATRONUS_ON_DEVICES(SelfAttentionOn);

/// Gradients of the pixels and of all parameters.
std::vector<at::Tensor> gradients(SelfAttention& attention, const at::Tensor& images, Precision precision) {
  attention->zero_grad();
  const auto pixels = images.detach().requires_grad_();
  {
    const PrecisionGuard guard(pixels.device().type(), precision);
    attention(pixels).to(at::kFloat).square().sum().backward();
  }
  std::vector<at::Tensor> result{pixels.grad()};
  for (const auto& parameter : attention->parameters()) result.push_back(parameter.grad().clone());
  return result;
}

TEST_P(SelfAttentionOn, GivesTheSameGradientsEveryTimeWhereThatIsAskedFor) {
  set_deterministic(true, device());
  seed_default_generators(1);
  SelfAttention attention(64);
  attention->to(device());
  const auto images = at::randn({4, 1024, 64}, make_generator(2)).to(device());
  for (const auto precision : {Precision::kFloat32, Precision::kBfloat16}) {
    const auto first = gradients(attention, images, precision);
    const auto second = gradients(attention, images, precision);
    for (size_t i = 0; i < first.size(); ++i) {
      EXPECT_TRUE(at::equal(first[i], second[i])) << to_string(precision) << ", tensor " << i;
    }
  }
  set_deterministic(false, device());
}

bool alike(const at::Tensor& a, const at::Tensor& b, double tolerance = 1e-5) {
  return test::close(a, b, tolerance);
}

void fill_zero(const at::Tensor& parameter) {
  parameter.detach().zero_();
}

TEST(SelfAttention, MovesWithItsPixelsWhicheverOrderTheyAreIn) {
  seed_default_generators(1);
  SelfAttention attention(16);
  const auto pixels = at::randn({2, 9, 16}, make_generator(2));
  const auto order = at::randperm(9, make_generator(3), at::kLong);
  EXPECT_TRUE(alike(attention(pixels.index_select(1, order)), attention(pixels).index_select(1, order)));
}

TEST(SelfAttention, IsTheSoftmaxOfScaledProductsInFourHeads) {
  seed_default_generators(1);
  SelfAttention attention(8);
  const auto x = at::randn({1, 5, 8}, make_generator(2));
  const auto parameters = attention->named_parameters();
  const auto qkv = at::linear(x[0], parameters["in_proj_weight"], parameters["in_proj_bias"]).chunk(3, 1);
  std::vector<at::Tensor> heads;
  for (int64_t h = 0; h < 4; ++h) {
    const auto part = [&](const at::Tensor& all) { return all.slice(1, 2 * h, 2 * h + 2); };
    const auto weight = (part(qkv[0]).matmul(part(qkv[1]).t()) / std::sqrt(2.0)).softmax(1);
    heads.push_back(weight.matmul(part(qkv[2])));
  }
  const auto expected =
      at::linear(at::cat(heads, 1), parameters["out_proj.weight"], parameters["out_proj.bias"]);
  EXPECT_TRUE(alike(attention(x)[0], expected));
}

TEST(AttentionBlock, AddsToWhatItSees) {
  AttentionBlock block(8);
  fill_zero(block->named_parameters()["mhsa.out_proj.weight"]);
  const auto x = at::randn({2, 8, 3, 3});
  EXPECT_TRUE(at::equal(block(x), x));
}

/// A block of 8 to `out` channels, and embeddings for a batch of two.
struct BlockCase {
  explicit BlockCase(ConditionKind kind, int64_t out = 16, double dropout = 0)
      : block(ResidualBlockOptions{
            .in_channels = 8, .out_channels = out, .embedding = 4, .dropout = dropout, .condition = kind}) {
    block->eval();
  }
  at::Tensor parameter(const std::string& name) { return block->named_parameters()[name]; }
  at::Tensor output(const Embeddings& embeddings) { return block(x, test::projected(*block, embeddings)); }

  ResidualBlock block;
  at::Tensor x = at::randn({2, 8, 4, 4}, make_generator(1));
  Embeddings both{.time = at::randn({2, 4}, make_generator(2)),
                  .condition = at::randn({2, 4}, make_generator(3))};
};

TEST(ResidualBlock, AddsToItsInputOrToThatOfAsManyChannels) {
  for (const int64_t out : {8, 16}) {
    BlockCase of(ConditionKind::kAdd, out);
    fill_zero(of.parameter("conv_2.weight"));
    fill_zero(of.parameter("conv_2.bias"));
    const auto expected =
        out == 8 ? of.x
                 : at::conv2d(of.x, of.parameter("match_input.weight"), of.parameter("match_input.bias"));
    EXPECT_TRUE(alike(of.output(of.both), expected)) << out;
  }
}

TEST(ResidualBlock, TakesAConditionInByTheKindThatItWasMadeFor) {
  for (const auto kind : {ConditionKind::kAdd, ConditionKind::kScaleShift}) {
    SCOPED_TRACE(to_string(kind));
    BlockCase of(kind);
    EXPECT_EQ(of.parameter("dense_2.weight").size(0), kind == ConditionKind::kAdd ? 16 : 32);
    const Embeddings other{.time = of.both.time, .condition = -of.both.condition};
    EXPECT_FALSE(alike(of.output(of.both), of.output(other), 1e-2));
    const auto row = of.both.condition.slice(0, 0, 1);
    EXPECT_TRUE(alike(of.output({.time = of.both.time, .condition = row}),
                      of.output({.time = of.both.time, .condition = row.expand({2, -1})})))
        << "a single row serves the whole batch";
    fill_zero(of.parameter("dense_2.weight"));
    fill_zero(of.parameter("dense_2.bias"));
    EXPECT_TRUE(at::equal(of.output(of.both), of.output(other))) << "deaf to it";
  }
  BlockCase off(ConditionKind::kOff);
  EXPECT_FALSE(off.block->named_parameters().contains("dense_2.weight"));
  EXPECT_TRUE(off.output({.time = off.both.time, .condition = {}}).isfinite().all().item<bool>());
}

TEST(ResidualBlock, AConditionAddedShiftsWhatTheSecondNormSees) {
  // Eight groups of two channels: a shift that is the same for both of a group vanishes in the norm.
  BlockCase of(ConditionKind::kAdd);
  const auto weight = of.parameter("dense_2.weight").detach(), bias = of.parameter("dense_2.bias").detach();
  weight.zero_();
  bias.zero_();
  const auto plain = of.output(of.both);
  bias.copy_(at::arange(8, at::kFloat).repeat_interleave(2));
  EXPECT_TRUE(alike(of.output(of.both), plain, 1e-3));
  bias.copy_(at::arange(16, at::kFloat));
  EXPECT_FALSE(alike(of.output(of.both), plain, 1e-2));
}

TEST(ResidualBlock, AConditionOfScaleAndShiftFollowsTheNorm) {
  BlockCase of(ConditionKind::kScaleShift);
  const auto weight = of.parameter("dense_2.weight").detach(), bias = of.parameter("dense_2.bias").detach();
  weight.zero_();
  bias.zero_();
  // A scale of -1 leaves the shift alone of the norm: the same everywhere, whatever the image shows.
  bias.slice(0, 0, 16).fill_(-1);
  bias.slice(0, 16).fill_(0.7);
  const auto inner = of.output(of.both) -
                     at::conv2d(of.x, of.parameter("match_input.weight"), of.parameter("match_input.bias"));
  const auto constant = at::silu(at::full({2, 16, 4, 4}, 0.7));
  const auto expected =
      at::conv2d(constant, of.parameter("conv_2.weight"), of.parameter("conv_2.bias"), 1, 1);
  EXPECT_TRUE(alike(inner, expected, 1e-4));
}

/// Makes a convolution of 8 channels give its input.
void make_identity(torch::nn::Module& module, const std::string& convolution) {
  const auto parameters = module.named_parameters();
  const auto weight = parameters[convolution + ".weight"].detach();
  weight.zero_();
  for (int64_t c = 0; c < 8; ++c) weight[c][c][1][1] = 1;
  fill_zero(parameters[convolution + ".bias"]);
}

TEST(Upsample, RepeatsPixelsBeforeItsConvolution) {
  Upsample upsample(8);
  make_identity(*upsample, "upsample.1");
  const auto x = at::randn({2, 8, 3, 3});
  EXPECT_TRUE(alike(upsample->forward(x, {}), x.repeat_interleave(2, 2).repeat_interleave(2, 3)));
}

TEST(Downsample, HalvesTheSides) {
  Downsample downsample(8);
  make_identity(*downsample, "downsample");
  const auto x = at::randn({2, 8, 6, 6});
  EXPECT_TRUE(alike(downsample->forward(x, {}), x.slice(2, 0, 6, 2).slice(3, 0, 6, 2)));
}

TEST(ChannelDropoutMask, IsOneDrawForEachChannelThatKeepsTheMean) {
  EXPECT_FALSE(channel_dropout_mask(at::zeros({2, 3, 4, 4}), 0).defined());
  seed_default_generators(5);
  const auto mask = channel_dropout_mask(at::zeros({100, 100, 2, 2}), 0.2);
  ASSERT_EQ(mask.sizes(), (at::IntArrayRef{100, 100}));
  EXPECT_EQ(mask.scalar_type(), at::kFloat);
  EXPECT_TRUE(((mask == 0) | (mask == 1.25F)).all().item<bool>());
  EXPECT_NEAR(mask.mean().item<double>(), 1, 5 * 0.5 / 100);  // of deviation 0.5 each
  EXPECT_FALSE(at::equal(channel_dropout_mask(at::zeros({100, 100, 2, 2}), 0.2), mask)) << "a new draw";
}

TEST(SinusoidTable, HoldsEveryTimestepInSinesAndCosines) {
  const auto table = sinusoid_table(50, 8);
  ASSERT_EQ(table.sizes(), (at::IntArrayRef{50, 8}));
  EXPECT_LE(table.abs().max().item<double>(), 1 + 1e-6);
  // Whatever the order of the columns, a row holds sines and cosines of the same angles.
  EXPECT_TRUE(alike(table.square().sum(1), at::full({50}, 4.0)));
  // The angles grow evenly: products of rows depend on how far apart they are alone.
  const auto products = table.matmul(table.t());
  EXPECT_TRUE(alike(products.diagonal(7), products[0][7].expand({43}), 1e-4));
  EXPECT_GT(at::cdist(table, table).fill_diagonal_(9).min().item<double>(), 0.1) << "no two are alike";
}

}  // namespace
}  // namespace patronus
