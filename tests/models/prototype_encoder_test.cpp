#include "patronus/models/prototype_encoder.h"

#include <ATen/Functions.h>
#include <ATen/TensorOperators.h>
#include <c10/core/Allocator.h>
#include <c10/core/GradMode.h>
#include <c10/util/ThreadLocalDebugInfo.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <memory>
#include <set>

#include "patronus/core/device.h"
#include "patronus/core/random.h"
#include "support/failure.h"
#include "support/parity.h"

namespace patronus {
namespace {

using test::close;

PrototypeEncoder small_encoder(PrototypeConfig prototypes) {
  seed_default_generators(1);
  return PrototypeEncoder(
      1, 20, EncoderConfig{.channels = {8, 16}, .kernels = {3, 3}, .strides = {2, 1}, .paddings = {1, 0}},
      std::move(prototypes));
}

at::Tensor some_images(int64_t count) {
  return at::rand({count, 1, 20, 20}, make_generator(3)) * 2 - 1;
}

void set_prototype(PrototypeEncoder& encoder, int64_t index, const at::Tensor& value) {
  const c10::NoGradGuard no_grad;
  encoder->prototypes()[index].copy_(value.view({-1, 1, 1}));
}

TEST(PrototypeEncoder, ActivationIsLargestWhereThePatchEqualsThePrototype) {
  const c10::NoGradGuard no_grad;
  auto encoder = small_encoder({.count = 4});
  const auto features = encoder->features(some_images(3));
  set_prototype(encoder, 2, features[1].select(1, 5).select(1, 3));
  const auto match = encoder(some_images(3));
  const int64_t cells = encoder->receptive_field().cells;
  EXPECT_EQ(match.patch[1][2].item<int64_t>(), 5 * cells + 3);
  EXPECT_EQ(match.distance[1][2].item<double>(), 0);
  EXPECT_NEAR(match.activation[1][2].item<double>(), std::log(1e4), 1e-5);
  EXPECT_EQ(match.activation.argmax().item<int64_t>(), 1 * 4 + 2);
}

TEST(PrototypeEncoder, DistanceIsTheSmallestOfTheMap) {
  const c10::NoGradGuard no_grad;
  auto encoder = small_encoder({.count = 5});
  const auto match = encoder(some_images(2));
  const auto map = encoder->distances(encoder->features(some_images(2))).flatten(2);
  EXPECT_TRUE(close(match.distance, map.amin(2), 1e-4));
  EXPECT_TRUE(close(map.gather(2, match.patch.unsqueeze(2)).squeeze(2), map.amin(2), 0));
  EXPECT_EQ(match.patch.scalar_type(), at::kLong);
}

TEST(PrototypeEncoder, LogActivationLiesBetweenLogOneAndLogTenThousand) {
  auto encoder = small_encoder({.count = 2});
  const auto activation = encoder->activation(at::tensor({0.0, 1e-4, 1.0, 1e12}, at::kDouble));
  EXPECT_TRUE(close(
      activation,
      at::tensor({std::log(1e4), std::log(1.0001 / 2e-4), std::log(2 / 1.0001), 0.0}, at::kDouble), 1e-9));
}

TEST(PrototypeEncoder, LinearActivationIsTheNegativeDistance) {
  auto encoder = small_encoder({.count = 2, .activation = ActivationKind::kLinear});
  EXPECT_TRUE(close(encoder->activation(at::tensor({0.0, 2.5})), at::tensor({0.0, -2.5}), 0));
}

TEST(PrototypeEncoder, GradientsAreThoseOfTheDistanceMapsMinimum) {
  auto encoder = small_encoder({.count = 5});
  const auto gradients = [&](const at::Tensor& distance) {
    encoder->zero_grad();
    encoder->activation(distance).sum().backward();
    std::vector<at::Tensor> copies;
    for (const auto& parameter : encoder->parameters()) {
      if (parameter.requires_grad()) copies.push_back(parameter.grad().clone());
    }
    return copies;
  };
  const auto direct = gradients(encoder(some_images(2)).distance);
  const auto map =
      gradients(std::get<0>(encoder->distances(encoder->features(some_images(2))).flatten(2).min(2)));
  ASSERT_EQ(direct.size(), 5u);  // prototypes, two weights, two biases
  for (size_t i = 0; i < direct.size(); ++i) {
    EXPECT_TRUE(close(direct[i], map[i], 1e-4 * map[i].abs().max().item<double>())) << i;
    EXPECT_GT(direct[i].abs().max().item<double>(), 0) << i;
  }
}

/// An encoder with one prototype, 0, and weights above 0: on images above 0 every path through the stack
/// counts.
PrototypeEncoder positive_encoder(const EncoderConfig& config, int64_t image_size) {
  PrototypeEncoder encoder(1, image_size, config,
                           PrototypeConfig{.count = 1, .activation = ActivationKind::kLinear});
  const c10::NoGradGuard no_grad;
  for (auto& parameter : encoder->parameters()) parameter.abs_().add_(1e-3);
  encoder->prototypes().zero_();
  return encoder;
}

/// The smallest box around the pixels where `gradient` [S, S] is not 0.
Box support(const at::Tensor& gradient) {
  const auto rows = (gradient != 0).any(1).nonzero(), columns = (gradient != 0).any(0).nonzero();
  return {rows.min().item<int64_t>(), rows.max().item<int64_t>() + 1, columns.min().item<int64_t>(),
          columns.max().item<int64_t>() + 1};
}

/// Squared distance of every pixel to one of them, plus 1: dark there, where the match is to be.
at::Tensor image_with_dark_spot(int64_t size, int64_t row, int64_t column) {
  const auto squared = [size](int64_t from) { return (at::arange(size, at::kFloat) - from).square(); };
  return 1 + squared(row).unsqueeze(1) + squared(column);
}

TEST(PrototypeEncoder, TheActivationDependsOnExactlyThePixelsOfItsBox) {
  const EncoderConfig paper{{4, 4, 4, 4}, {3, 3, 3, 3}, {2, 1, 1, 1}, {1, 0, 0, 0}};
  const EncoderConfig chexpert{{4, 4, 4, 4, 4}, {5, 5, 5, 5, 5}, {2, 2, 1, 1, 1}, {1, 1, 0, 0, 0}};
  const EncoderConfig uneven{{4, 4, 4}, {3, 4, 2}, {2, 1, 3}, {0, 2, 1}};
  for (const auto& [config, size] : {std::pair{paper, 32}, {chexpert, 96}, {uneven, 34}}) {
    auto encoder = positive_encoder(config, size);
    std::set<int64_t> cells;
    for (const auto& [row, column] : {std::pair{0, 0}, {size / 2, size / 3}, {size - 1, size - 1}}) {
      const auto image = image_with_dark_spot(size, row, column).view({1, 1, size, size}).requires_grad_();
      const PrototypeMatch match = encoder->forward(image);
      match.activation.sum().backward();
      const int64_t cell = match.patch.item<int64_t>();
      EXPECT_EQ(support(image.grad()[0][0]), patch_box(encoder->receptive_field(), cell)) << "cell " << cell;
      cells.insert(cell);
    }
    EXPECT_EQ(cells.size(), 3u) << "the match does not follow the spot in images of " << size;
  }
}

TEST(PrototypeEncoder, AutocastLeavesItsResultsBitIdentical) {
  auto encoder = small_encoder({.count = 5});
  const auto plain = encoder(some_images(2));
  const PrecisionGuard autocast(at::kCPU, Precision::kBfloat16);
  const auto within = encoder(some_images(2));
  EXPECT_EQ(within.activation.scalar_type(), at::kFloat);
  EXPECT_TRUE(at::equal(plain.activation, within.activation));
  EXPECT_TRUE(at::equal(plain.patch, within.patch));
  EXPECT_TRUE(at::equal(encoder->distances(encoder->features(some_images(2))).amin({2, 3}).lt(1e9),
                        at::ones({2, 5}, at::kBool)));
  EXPECT_EQ(at::matmul(at::rand({2, 2}), at::rand({2, 2})).scalar_type(),
            at::kBFloat16);  // autocast is on again
}

TEST(PrototypeEncoder, WeightsStartAsThePaperSays) {
  seed_default_generators(2);
  const PrototypeEncoder encoder(3, 64, EncoderConfig{}, PrototypeConfig{.count = 100});
  const auto parameters = encoder->named_parameters();
  for (const std::string layer : {"0", "2", "4", "6"}) {
    const auto& weight = parameters["encoder.features." + layer + ".weight"];
    EXPECT_NEAR(weight.std().item<double>(), 0.1, 0.005) << layer;
    EXPECT_NEAR(weight.mean().item<double>(), 0, 0.01) << layer;
  }
  EXPECT_EQ(encoder->prototypes().sizes(), (std::vector<int64_t>{100, 128, 1, 1}));
  EXPECT_NEAR(encoder->prototypes().mean().item<double>(), 0.5, 0.01);
  EXPECT_GE(encoder->prototypes().min().item<double>(), 0);
  EXPECT_LT(encoder->prototypes().max().item<double>(), 1);
}

TEST(PrototypeEncoder, InverseSqrtScaleShrinksFeaturesAndPrototypesAlike) {
  const c10::NoGradGuard no_grad;
  auto one = small_encoder({.count = 4});
  auto scaled = small_encoder({.count = 4, .scale = WeightScale::kInverseSqrt});
  const double factor = 1 / std::sqrt(16.0);
  EXPECT_TRUE(close(scaled->features(some_images(2)), one->features(some_images(2)) * factor, 1e-6));
  EXPECT_TRUE(close(scaled->prototypes(), one->prototypes() * factor, 1e-7));
}

TEST(PrototypeEncoder, ChosenPrototypesAreDistinctPatchFeatures) {
  const c10::NoGradGuard no_grad;
  auto encoder = small_encoder({.count = 30});
  encoder->initialize_prototypes(some_images(8), make_generator(5));
  const auto chosen = encoder->prototypes().flatten(1);
  EXPECT_EQ(encoder(some_images(8)).distance.amin(0).max().item<double>(), 0);
  const auto apart = at::cdist(chosen, chosen, 2, 2) + at::eye(30) * 1e9;
  EXPECT_GT(apart.min().item<double>(), 1e-4);
  EXPECT_TRUE(encoder->prototypes().requires_grad());
}

TEST(PrototypeEncoder, ChosenPrototypesAreSpreadWiderThanRandomPatches) {
  const c10::NoGradGuard no_grad;
  auto encoder = small_encoder({.count = 20});
  const auto images = some_images(8);
  encoder->initialize_prototypes(images, make_generator(5));
  const auto covering = [&](const at::Tensor& points, const at::Tensor& centres) {
    return at::cdist(points, centres, 2, 2).amin(1).square().mean().item<double>();
  };
  const auto points = encoder->features(images).permute({0, 2, 3, 1}).flatten(0, 2);
  double random = 0;
  for (uint64_t seed = 0; seed < 10; ++seed) {
    random += covering(points, points.index_select(
                                   0, at::randperm(points.size(0), make_generator(seed)).slice(0, 0, 20))) /
              10;
  }
  EXPECT_LT(covering(points, encoder->prototypes().flatten(1)), random);
}

TEST(PrototypeEncoder, PrototypesAreChosenTheSameWayForTheSameSeed) {
  auto encoder = small_encoder({.count = 6});
  encoder->initialize_prototypes(some_images(4), make_generator(5));
  const auto first = encoder->prototypes().clone();
  encoder->initialize_prototypes(some_images(4), make_generator(6));
  EXPECT_FALSE(at::equal(first, encoder->prototypes()));
  encoder->initialize_prototypes(some_images(4), make_generator(5));
  EXPECT_TRUE(at::equal(first, encoder->prototypes()));
}

/// What `initialize_prototypes` is to choose, from the features of all images at once.
at::Tensor chosen_at_once(PrototypeEncoder& encoder, const at::Tensor& images, at::Generator generator) {
  const c10::NoGradGuard no_grad;
  const auto points = encoder->features(images).permute({0, 2, 3, 1}).flatten(0, 2);
  std::vector<at::Tensor> chosen;
  auto nearest = at::full({points.size(0)}, std::numeric_limits<float>::infinity());
  auto weights = at::ones({points.size(0)}, at::kDouble);
  for (int64_t i = 0; i < encoder->prototypes().size(0); ++i) {
    const auto sums = weights.cumsum(0);
    const auto u = at::rand({1}, generator, at::kDouble) * sums[-1];
    chosen.push_back(points[at::searchsorted(sums, u, /*out_int32=*/false, /*right=*/true).item<int64_t>()]);
    nearest = at::minimum(nearest, (points - chosen.back()).square().sum(1));
    weights = nearest.to(at::kDouble);
  }
  return at::stack(chosen);
}

TEST(PrototypeEncoder, PrototypesChosenInBatchesAreThoseOfAllImagesAtOnce) {
  auto encoder = small_encoder({.count = 20});
  for (const int64_t count : {8, 65, 300}) {
    const auto expected = chosen_at_once(encoder, some_images(count), make_generator(5));
    encoder->initialize_prototypes(some_images(count), make_generator(5));
    EXPECT_TRUE(close(encoder->prototypes().flatten(1), expected, 1e-6)) << count << " images";
  }
}

/// The most bytes of the CPU that this thread's tensors take at once while it is installed.
struct PeakBytes : c10::MemoryReportingInfoBase {
  int64_t now = 0, peak = 0;

  void reportMemoryUsage(void*, int64_t size, size_t, size_t, c10::Device) override {
    now += size;
    peak = std::max(peak, now);
  }
  bool memoryProfilingEnabled() const override { return true; }
};

TEST(PrototypeEncoder, ChoosingPrototypesTakesTheFeaturesMemoryOnce) {
  auto encoder = small_encoder({.count = 3});
  const auto images = some_images(1024);
  const auto bytes = std::make_shared<PeakBytes>();
  {
    const c10::DebugInfoGuard installed(c10::DebugInfoKind::PROFILER_STATE, bytes);
    encoder->initialize_prototypes(images, make_generator(5));
  }
  const int64_t cells = encoder->receptive_field().cells;
  const int64_t features = 1024 * cells * cells * 16 * static_cast<int64_t>(sizeof(float));
  EXPECT_GE(bytes->peak, features);
  EXPECT_LT(bytes->peak, 2 * features);
}

TEST(PrototypeEncoder, MorePrototypesThanDifferentPatchesCanBeChosen) {
  auto encoder = small_encoder({.count = 12});
  encoder->initialize_prototypes(at::zeros({1, 1, 20, 20}), make_generator(5));
  EXPECT_TRUE(encoder->prototypes().isfinite().all().item<bool>());
}

TEST(EncoderBatches, AreAllImagesInOrderInNearlyEqualParts) {
  const auto sizes = [](int64_t count) {
    const auto images = at::arange(count);
    const auto batches = encoder_batches(images);
    EXPECT_TRUE(at::equal(at::cat(batches), images));
    std::vector<int64_t> result;
    for (const auto& batch : batches) result.push_back(batch.size(0));
    return result;
  };
  EXPECT_EQ(sizes(1), (std::vector<int64_t>{1}));
  EXPECT_EQ(sizes(64), (std::vector<int64_t>{64}));
  EXPECT_EQ(sizes(65), (std::vector<int64_t>{33, 32}));
  EXPECT_EQ(sizes(256), (std::vector<int64_t>{64, 64, 64, 64}));
  EXPECT_EQ(sizes(4033).back(), 63) << "none alone";
}

TEST(EncoderConfig, ListsOfDifferentLengthAreRefused) {
  EncoderConfig config;
  config.strides = {2, 1};
  EXPECT_EQ(test::message_of([&] { config.validate(); }),
            "model.encoder.strides: 2 entries, but model.encoder.channels has 4; give one entry a "
            "convolution in each list");
  config.channels = {};
  EXPECT_EQ(test::message_of([&] { config.validate(); }),
            "model.encoder.channels: is empty; give one entry a convolution");
}

TEST(EncoderConfig, PaddingAsWideAsTheKernelIsRefused) {
  const EncoderConfig config{.channels = {8, 8}, .kernels = {3, 3}, .strides = {1, 1}, .paddings = {1, 3}};
  EXPECT_EQ(
      test::message_of([&] { config.validate(); }),
      "model.encoder.paddings: convolution 2 pads 3 around a kernel of 3; expected less than the kernel");
}

}  // namespace
}  // namespace patronus
