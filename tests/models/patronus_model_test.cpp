#include "patronus/models/patronus_model.h"

#include <ATen/Functions.h>
#include <c10/core/GradMode.h>
#include <gtest/gtest.h>

#include <algorithm>

#include "patronus/core/device.h"
#include "patronus/core/random.h"
#include "support/failure.h"
#include "support/named_tensors.h"

namespace patronus {
namespace {

PatronusModel tiny_model(int64_t channels, bool standardize = false) {
  seed_default_generators(static_cast<uint64_t>(channels));
  ModelConfig config;
  config.encoder = {.channels = {8, 16}, .kernels = {3, 3}, .strides = {2, 1}, .paddings = {1, 0}};
  config.prototypes = {.count = 5, .standardize = standardize};
  config.unet = {.base_channels = 8, .multipliers = {1, 2}, .residual_blocks = 1};
  return PatronusModel(channels, 16, config, false);
}

TEST(PatronusModel, LoadedStateIsTheStateGiven) {
  auto model = tiny_model(1, true);
  auto values = test::copies(tiny_model(1, true).state());
  for (auto& [name, value] : values) value.add_(1);
  model.load_state(values);
  test::expect_same(model.state(), values);
}

TEST(PatronusModel, LoadedStateMayComeInAnyOrder) {
  auto model = tiny_model(1);
  auto values = test::copies(model.state());
  std::reverse(values.begin(), values.end());
  EXPECT_EQ(test::message_of([&] { model.load_state(values); }), "no error");
}

TEST(PatronusModel, HalfTensorsAreLoadedAsFloat) {
  auto model = tiny_model(1);
  auto values = test::copies(model.state());
  for (auto& [name, value] : values) value = value.to(at::kHalf);
  model.load_state(values);
  EXPECT_EQ(model.unet->named_parameters()["first.weight"].scalar_type(), at::kFloat);
  EXPECT_TRUE(at::equal(model.state()[0].second, values[0].second.to(at::kFloat)));
}

TEST(PatronusModel, TensorOfAnotherShapeIsNamedWithBothShapes) {
  auto model = tiny_model(1);
  EXPECT_EQ(test::message_of([&] { model.load_state(tiny_model(3).state()); }),
            "tensor proactBlock.encoder.features.0.weight is [8, 3, 3, 3], the model wants [8, 1, 3, 3]");
}

TEST(PatronusModel, MissingAndUnknownTensorsAreCountedAndTheFirstThreeNamed) {
  auto model = tiny_model(1);
  auto values = test::copies(model.state());
  values.erase(values.begin(), values.begin() + 4);
  values.emplace_back("extra", at::zeros({1}));
  EXPECT_EQ(test::message_of([&] { model.load_state(values); }),
            "the weights are of another model: 4 tensors are missing (proactBlock.prototype_vectors, "
            "proactBlock.ones, "
            "proactBlock.encoder.features.0.weight, ...) and 1 tensor is unknown (extra); use the "
            "configuration that they "
            "were trained with");
}

TEST(PatronusModel, RefusedStateChangesNothing) {
  auto model = tiny_model(1);
  const auto before = test::copies(model.state());
  auto values = test::copies(model.state());
  for (auto& [name, value] : values) value.add_(1);
  values.pop_back();
  EXPECT_NE(test::message_of([&] { model.load_state(values); }), "no error");
  test::expect_same(model.state(), before);
}

TEST(PatronusModel, ParametersLeaveOutWhatTrainingDoesNotChange) {
  auto model = tiny_model(1, true);
  for (const auto& [name, parameter] : model.parameters()) {
    EXPECT_TRUE(parameter.requires_grad()) << name;
    EXPECT_NE(name, "proactBlock.ones");
    EXPECT_NE(name, "time_embeddings.time_blocks.0.weight");
  }
  // Two frozen parameters and three buffers of the standardisation.
  EXPECT_EQ(model.parameters().size() + 5, model.state().size());
}

TEST(PatronusModel, ChannelsLastKeepsValuesAndGradientsReachTheSameTensors) {
  auto model = tiny_model(3);
  const auto before = test::copies(model.state());
  const auto parameters = model.parameters();
  use_channels_last(*model.unet);
  test::expect_same(model.state(), before);
  const auto x = at::randn({2, 3, 16, 16}).contiguous(at::MemoryFormat::ChannelsLast);
  model.unet(x, at::zeros({2}, at::kLong), model.encoder(x).activation).sum().backward();
  for (const auto& [name, parameter] : parameters) EXPECT_TRUE(parameter.grad().defined()) << name;
}

TEST(PatronusModel, GrayImagesAreChannelsLastFromTheFirstLayerOn) {
  auto model = tiny_model(1);
  use_channels_last(*model.unet);
  const auto first = model.unet->named_modules()["first"];
  for (const auto precision : {Precision::kFloat32, Precision::kBfloat16}) {
    const PrecisionGuard guard(at::kCPU, precision);
    const auto y = first->as<Conv2d>()->forward(at::randn({2, 1, 16, 16}));
    EXPECT_TRUE(y.is_contiguous(at::MemoryFormat::ChannelsLast)) << to_string(precision);
    EXPECT_FALSE(y.is_contiguous()) << to_string(precision);
  }
}

}  // namespace
}  // namespace patronus
