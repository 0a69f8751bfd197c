// What the demo's model must show.
#include <ATen/Functions.h>

#include "patronus/analysis/conditioned_samples.h"
#include "patronus/analysis/encode.h"
#include "patronus/evaluation/attribute_classifier.h"
#include "patronus/metrics/frechet.h"
#include "patronus/training/metrics_log.h"
#include "support/demo_model.h"

namespace patronus {
namespace {

using test::DemoModel;
using test::print_per_attribute;

/// The attributes that the paper's kind of model keeps well: local, and more than a few pixels large.
std::vector<int64_t> large_attributes() {
  std::vector<int64_t> columns;
  for (const auto attribute :
       {FaceAttribute::kBlondHair, FaceAttribute::kLongHair, FaceAttribute::kHat, FaceAttribute::kEyeglasses,
        FaceAttribute::kPaleSkin, FaceAttribute::kBlueBackground}) {
    columns.push_back(static_cast<int64_t>(attribute));
  }
  return columns;
}

double mean_over_large_attributes(const at::Tensor& accuracy) {
  return accuracy.index_select(0, at::tensor(large_attributes())).mean().item<double>();
}

TEST_F(DemoModel, TheJudgeReadsHeldOutDrawings) {
  const auto accuracy = balanced_accuracy(judge().attributes(faces().slice(0, 1000)), truth(1000));
  print_per_attribute("judge on held-out drawings", accuracy);
  EXPECT_GE(mean_over_large_attributes(accuracy), 0.98);
}

TEST_F(DemoModel, ImagesFromActivationsAndRandomNoiseKeepTheAttributes) {
  constexpr int64_t kCount = 192;
  const auto activations = encode_images(trained().model.encoder, faces(), 0, kCount).activation;
  const ConditionedSamplesOptions options{.sampling = trained().config.sampling};
  const auto images = sample_conditioned(trained(), activations, options).images.clamp(-1, 1);
  const auto accuracy = balanced_accuracy(judge().attributes(images), truth(kCount));
  print_per_attribute("attributes right from activations alone", accuracy);
  test::print_result("seven attributes right from random noise", test::mean_of_seven(accuracy));
  const auto glasses = accuracy[static_cast<int64_t>(FaceAttribute::kEyeglasses)].item<double>();
  test::print_result("eyeglasses right from random noise", glasses);
  EXPECT_GE(test::mean_of_seven(accuracy), 0.95);
  EXPECT_GE(glasses, 0.9);

  const auto shuffled = sample_conditioned(trained(), activations.roll(1, 0), options).images.clamp(-1, 1);
  const auto chance = balanced_accuracy(judge().attributes(shuffled), truth(kCount));
  print_per_attribute("with activations of another image", chance);
  EXPECT_NEAR(mean_over_large_attributes(chance), 0.5, 0.05);
}

TEST_F(DemoModel, ImagesFromRandomNoiseLieNearRealOnes) {
  constexpr int64_t kCount = 1000;
  const auto statistics = [](const at::Tensor& images) {
    return feature_statistics(judge().features(images));
  };
  const auto real = statistics(faces().slice(kCount, kCount));
  const auto activations = encode_images(trained().model.encoder, faces(), 0, kCount).activation;
  const ConditionedSamplesOptions options{.sampling = trained().config.sampling};
  const auto images = sample_conditioned(trained(), activations, options).images.clamp(-1, 1);
  const double distance = frechet_distance(real, statistics(images));
  test::print_result("Fréchet distance", distance);
  test::print_result("Fréchet distance of real images",
                     frechet_distance(real, statistics(faces().slice(0, kCount))));
  EXPECT_LE(distance, 1.2);
}

TEST_F(DemoModel, TheDenoiserGainsFromTheRightCondition) {
  const auto last = [](const std::string& key) { return read_metric(run(), key).values.back(); };
  EXPECT_LT(last("condition/loss_own"), 0.4 * last("condition/loss_shuffled"));
  EXPECT_LT(last("condition/loss_own"), last("condition/loss_mean"));
}

TEST_F(DemoModel, TheLossFalls) {
  const auto loss = read_metric(run(), "loss").values;
  ASSERT_GE(loss.size(), 10u);
  EXPECT_LT(loss.back(), 0.2 * loss.front());
}

}  // namespace
}  // namespace patronus
