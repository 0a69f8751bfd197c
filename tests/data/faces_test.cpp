#include "patronus/data/faces.h"

#include <ATen/Functions.h>
#include <ATen/TensorOperators.h>
#include <gtest/gtest.h>

#include "support/threads.h"

namespace patronus {
namespace {

FacesConfig tied(double correlation) {
  FacesConfig config;
  config.correlation = correlation;
  return config;
}

at::Tensor attribute_column(const Faces& faces, FaceAttribute attribute) {
  return faces.attributes.select(1, static_cast<int64_t>(attribute)).to(at::kDouble);
}

double correlation_of_blond_and_smile(double knob) {
  const Faces faces = draw_faces(tied(knob), Split::kTrain, 8, 0, 4000);
  const auto table = at::stack(
      {attribute_column(faces, FaceAttribute::kBlondHair), attribute_column(faces, FaceAttribute::kSmile)});
  return at::corrcoef(table)[0][1].item<double>();
}

TEST(Faces, ImageDependsOnSeedSplitAndIndexAlone) {
  const Faces all = draw_faces({}, Split::kTrain, 32, 0, 40);
  const Faces part = draw_faces({}, Split::kTrain, 32, 17, 5);
  EXPECT_TRUE(part.pixels.equal(all.pixels.narrow(0, 17, 5)));
  EXPECT_TRUE(part.attributes.equal(all.attributes.narrow(0, 17, 5)));
  EXPECT_FALSE(part.pixels.equal(draw_faces({}, Split::kTest, 32, 17, 5).pixels));
  FacesConfig other;
  other.seed = 1;
  EXPECT_FALSE(part.pixels.equal(draw_faces(other, Split::kTrain, 32, 17, 5).pixels));
}

TEST(Faces, AreTheSameOnAnyNumberOfThreads) {
  const Faces on_one = draw_faces({}, Split::kTest, 16, 0, 40);
  const test::Threads two(2);
  EXPECT_TRUE(draw_faces({}, Split::kTest, 16, 0, 40).pixels.equal(on_one.pixels));
}

TEST(Faces, SmileAndFrownExcludeEachOtherAndNoAttributeIsRare) {
  const Faces faces = draw_faces({}, Split::kTrain, 8, 0, 2000);
  const auto smile = attribute_column(faces, FaceAttribute::kSmile);
  const auto frown = attribute_column(faces, FaceAttribute::kFrown);
  EXPECT_EQ((smile * frown).sum().item<double>(), 0);
  const auto share = faces.attributes.to(at::kDouble).mean(0);
  for (int64_t a = 0; a < kFaceAttributes; ++a) {
    const double expected = a == static_cast<int64_t>(FaceAttribute::kFrown) ? 0.25 : 0.5;
    EXPECT_NEAR(share[a].item<double>(), expected, 0.05) << face_attribute_names()[a];
  }
}

TEST(Faces, CorrelationTiesBlondHairToSmile) {
  EXPECT_NEAR(correlation_of_blond_and_smile(0), 0, 0.05);
  EXPECT_NEAR(correlation_of_blond_and_smile(0.6), 0.6, 0.05);
  EXPECT_NEAR(correlation_of_blond_and_smile(1), 1, 1e-12);
}

TEST(Faces, CorrelationChangesTheExpressionAndNothingElse) {
  const Faces free = draw_faces(tied(0), Split::kTrain, 32, 0, 200);
  const Faces bound = draw_faces(tied(1), Split::kTrain, 32, 0, 200);
  const auto mask = [](FaceAttribute attribute) {
    return face_masks(tied(0), Split::kTrain, 32, at::arange(200), attribute).unsqueeze(1);
  };
  const auto mouth = mask(FaceAttribute::kSmile).logical_or(mask(FaceAttribute::kFrown));
  const auto changed = free.pixels.to(at::kInt).sub(bound.pixels.to(at::kInt)).abs().gt(32);
  EXPECT_GT(changed.sum().item<int64_t>(), 0);
  EXPECT_EQ(changed.logical_and(mouth.logical_not()).sum().item<int64_t>(), 0);
}

/// The largest number of pixels of the mask within one patch of 14 x 14, and the smallest of these over the
/// images.
int64_t smallest_view(const at::Tensor& masks) {
  const auto counts = at::avg_pool2d(masks.to(at::kFloat), 14, 1) * 196;
  return counts.flatten(1).amax(1).amin().round().item<int64_t>();
}

TEST(Faces, EveryAttributeIsVisibleWithinOnePatch) {
  for (int64_t a = 0; a < kFaceAttributes; ++a) {
    const auto masks = face_masks({}, Split::kTrain, 32, at::arange(300), static_cast<FaceAttribute>(a));
    EXPECT_GE(smallest_view(masks), 6) << face_attribute_names()[a];
  }
}

TEST(Faces, MasksAreWhereTheAttributeIs) {
  const auto row = at::arange(32, at::kFloat).view({1, 32, 1});
  const auto height_of = [&](FaceAttribute attribute) {  // mean row
    const auto masks = face_masks({}, Split::kTrain, 32, at::arange(50), attribute).to(at::kFloat);
    return ((masks * row).sum() / masks.sum()).item<float>();
  };
  EXPECT_LT(height_of(FaceAttribute::kHat), 10);
  EXPECT_NEAR(height_of(FaceAttribute::kEyeglasses), 16.5, 1.5);
  EXPECT_NEAR(height_of(FaceAttribute::kEarrings), 21, 1.5);
  EXPECT_NEAR(height_of(FaceAttribute::kSmile), 22, 1.5);
  EXPECT_NEAR(height_of(FaceAttribute::kFrown), 22, 1.5);
}

TEST(Faces, LargerSizesShowTheSameDrawing) {
  const auto small = draw_faces({}, Split::kTrain, 32, 0, 20).pixels.to(at::kFloat);
  const auto large = at::avg_pool2d(draw_faces({}, Split::kTrain, 64, 0, 20).pixels.to(at::kFloat), 2);
  EXPECT_LT((small - large).abs().mean().item<float>(), 4);
}

}  // namespace
}  // namespace patronus
