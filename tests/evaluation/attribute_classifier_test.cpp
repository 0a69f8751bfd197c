#include "patronus/evaluation/attribute_classifier.h"

#include <ATen/Functions.h>
#include <gtest/gtest.h>

#include <cmath>

#include "patronus/core/unknown.h"

namespace patronus {
namespace {

TEST(BalancedAccuracy, IsTheMeanOfBothAndUnknownWhereAllAreAlike) {
  const auto judged = at::tensor({1, 1, 1, 1, 0, 1}).view({3, 2}).to(at::kBool);
  const auto truth = at::tensor({1, 1, 0, 1, 0, 1}).view({3, 2});
  const auto accuracy = balanced_accuracy(judged, truth);
  EXPECT_DOUBLE_EQ(accuracy[0].item<double>(), 0.75);  // 1 of 1 with, 1 of 2 without
  EXPECT_TRUE(std::isnan(accuracy[1].item<double>()));
}

TEST(BalancedAccuracy, CountsBothValuesAlikeHoweverRareOneIs) {
  // Nine of ten without the attribute: who always says no is right in nine of ten, and balanced in half.
  const auto truth = (at::arange(10) == 4).to(at::kLong).unsqueeze(1);
  const auto never = at::zeros({10, 1}, at::kBool);
  EXPECT_DOUBLE_EQ(balanced_accuracy(never, truth).item<double>(), 0.5);
  EXPECT_DOUBLE_EQ(balanced_accuracy(truth == 1, truth).item<double>(), 1);
  EXPECT_DOUBLE_EQ(balanced_accuracy(truth == 0, truth).item<double>(), 0);
}

TEST(BalancedAccuracy, LeavesOutImagesOfWhichTheAttributeIsUnknown) {
  const auto truth = at::tensor({1, 0, 0, -1, -1}, at::kLong).unsqueeze(1);
  for (const int64_t unknown : {0, 1}) {
    const auto judged = at::tensor({int64_t{1}, int64_t{1}, int64_t{0}, unknown, unknown}).unsqueeze(1);
    EXPECT_DOUBLE_EQ(balanced_accuracy(judged.to(at::kBool), truth).item<double>(), 0.75);
  }
}

class ClassifierOfFaces : public testing::Test {
 protected:
  static DataConfig faces() {
    DataConfig config;
    config.size = 16;
    config.faces.train_images = 1200;
    config.faces.test_images = 300;
    return config;
  }

  AttributeClassifier train(const at::Tensor& rows, int64_t steps) {
    return {real, rows, attributes, at::kCPU, {.steps = steps, .batch_size = 32}};
  }

  Dataset real = open_dataset(faces(), Split::kTrain);
  Dataset held_out = open_dataset(faces(), Split::kTest);
  BinaryAttributes attributes = binary_attributes(real.attributes());
};

TEST_F(ClassifierOfFaces, ReadsLargeAttributesOfImagesItHasNotSeen) {
  auto classifier = train(at::arange(real.size()), 150);
  const auto accuracy =
      classifier.accuracy(held_out, at::arange(held_out.size()), binary_attributes(held_out.attributes()));
  for (size_t a = 0; a < attributes.names.size(); ++a) {
    const auto& name = attributes.names[a];
    if (name != "hat" && name != "eyeglasses" && name != "blue_background") continue;
    EXPECT_GE(accuracy[static_cast<int64_t>(a)].item<double>(), 0.95) << name;
  }
  // The same judgement whatever the batch.
  const auto images = held_out.slice(0, 8);
  EXPECT_TRUE(at::allclose(classifier.probabilities(images)[5],
                           classifier.probabilities(images.slice(0, 5, 6))[0], 0, 1e-5));
}

TEST_F(ClassifierOfFaces, IsTheSameForTheSameSeed) {
  const auto rows = at::arange(200), probe = held_out.slice(0, 50);
  EXPECT_TRUE(at::equal(train(rows, 20).probabilities(probe), train(rows, 20).probabilities(probe)));
}

TEST_F(ClassifierOfFaces, LooksAtLargeImagesInAReducedCopy) {
  auto classifier = train(at::arange(64), 2);
  const auto images = held_out.slice(0, 3);
  const auto enlarged = [&](int64_t factor) {
    return images.repeat_interleave(factor, 2).repeat_interleave(factor, 3);
  };
  const auto probabilities = classifier.probabilities(enlarged(4));
  EXPECT_EQ(probabilities.sizes(), (at::IntArrayRef{3, 9}));
  EXPECT_TRUE(((probabilities > 0) & (probabilities < 1)).all().item<bool>());
  EXPECT_TRUE(at::allclose(classifier.probabilities(enlarged(8)), probabilities, 1e-4))
      << "128 pixels are 64, each the mean of four alike";
}

TEST_F(ClassifierOfFaces, LearnsTheOthersWhereOneAttributeIsNeverKnown) {
  attributes.values.select(1, 0).fill_(kUnknown);
  auto classifier = train(at::arange(600), 20);
  EXPECT_TRUE(classifier.probabilities(held_out.slice(0, 8)).isfinite().all().item<bool>());
}

}  // namespace
}  // namespace patronus
