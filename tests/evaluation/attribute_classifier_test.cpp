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

class ClassifierOfFaces : public testing::Test {
 protected:
  static DataConfig faces() {
    DataConfig config;
    config.faces.train_images = 1200;
    config.faces.test_images = 300;
    return config;
  }

  AttributeClassifier train(const at::Tensor& rows) {
    return {real, rows, attributes, at::kCPU, {.steps = 150, .batch_size = 32}};
  }

  Dataset real = open_dataset(faces(), Split::kTrain);
  Dataset held_out = open_dataset(faces(), Split::kTest);
  BinaryAttributes attributes = binary_attributes(real.attributes());
};

TEST_F(ClassifierOfFaces, ReadsLargeAttributesOfImagesItHasNotSeen) {
  auto classifier = train(at::arange(real.size()));
  const auto accuracy =
      classifier.accuracy(held_out, at::arange(held_out.size()), binary_attributes(held_out.attributes()));
  for (size_t a = 0; a < attributes.names.size(); ++a) {
    const auto& name = attributes.names[a];
    if (name != "hat" && name != "eyeglasses" && name != "blue_background") continue;
    EXPECT_GE(accuracy[static_cast<int64_t>(a)].item<double>(), 0.95) << name;
  }
  // The same judgement whatever the batch.
  const auto images = held_out.slice(0, 8);
  EXPECT_TRUE(at::equal(classifier.attributes(images)[5], classifier.attributes(images.slice(0, 5, 6))[0]));
}

TEST_F(ClassifierOfFaces, IsTheSameForTheSameSeed) {
  const auto rows = at::arange(200), probe = held_out.slice(0, 50);
  EXPECT_TRUE(at::equal(train(rows).attributes(probe), train(rows).attributes(probe)));
}

TEST_F(ClassifierOfFaces, LearnsTheOthersWhereOneAttributeIsNeverKnown) {
  attributes.values.select(1, 0).fill_(kUnknown);
  auto classifier = train(at::arange(600));
  EXPECT_TRUE(classifier.probabilities(held_out.slice(0, 8)).isfinite().all().item<bool>());
}

}  // namespace
}  // namespace patronus
