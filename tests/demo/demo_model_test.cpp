// What the demo's model must show. The model is trained once, by the fixture that all tests of the demo
// share.
#include <ATen/Functions.h>
#include <gtest/gtest.h>

#include <cstdlib>
#include <iostream>

#include "patronus/analysis/conditioned_samples.h"
#include "patronus/analysis/encode.h"
#include "patronus/data/faces.h"
#include "patronus/run/run_directory.h"
#include "patronus/run/trained_model.h"
#include "patronus/training/metrics_log.h"
#include "support/judge.h"

namespace patronus {
namespace {

RunDirectory demo_run() {
  return RunDirectory(std::getenv("PATRONUS_DEMO_RUN"));
}

class DemoModel : public testing::Test {
 protected:
  static void SetUpTestSuite() {
    trained_ = new TrainedModel(load_trained_model(demo_run().last_checkpoint(), Weights::kAuto, {}));
    test_ = new Dataset(open_dataset(trained_->config.data, Split::kTest));
    judge_ = new test::Judge(trained_->config.data.faces);
  }

  static at::Tensor truth(int64_t count) { return test_->attributes().values.slice(0, 0, count); }

  static TrainedModel* trained_;
  static Dataset* test_;
  static test::Judge* judge_;
};
TrainedModel* DemoModel::trained_ = nullptr;
Dataset* DemoModel::test_ = nullptr;
test::Judge* DemoModel::judge_ = nullptr;

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

void print_per_attribute(const std::string& what, const at::Tensor& accuracy) {
  std::cout << what << ":";
  for (int64_t a = 0; a < accuracy.size(0); ++a) {
    std::cout << " " << face_attribute_names()[static_cast<size_t>(a)] << " " << accuracy[a].item<double>();
  }
  std::cout << "\n";
}

TEST_F(DemoModel, TheJudgeReadsHeldOutDrawings) {
  const auto accuracy = test::balanced_accuracy(judge_->attributes(test_->slice(0, 1000)), truth(1000));
  print_per_attribute("judge on held-out drawings", accuracy);
  EXPECT_GE(mean_over_large_attributes(accuracy), 0.98);
}

TEST_F(DemoModel, ImagesFromActivationsAndRandomNoiseKeepTheAttributes) {
  constexpr int64_t kCount = 192;
  const auto activations = encode_images(trained_->model.encoder, *test_, 0, kCount).activation;
  const ConditionedSamplesOptions options{.sampling = trained_->config.sampling};
  const auto images = sample_conditioned(*trained_, activations, options).images.clamp(-1, 1);
  const auto accuracy = test::balanced_accuracy(judge_->attributes(images), truth(kCount));
  print_per_attribute("attributes right from activations alone", accuracy);
  EXPECT_GE(mean_over_large_attributes(accuracy), 0.85);

  const auto shuffled = sample_conditioned(*trained_, activations.roll(1, 0), options).images.clamp(-1, 1);
  const auto chance = test::balanced_accuracy(judge_->attributes(shuffled), truth(kCount));
  print_per_attribute("with activations of another image", chance);
  EXPECT_NEAR(mean_over_large_attributes(chance), 0.5, 0.05);
}

TEST_F(DemoModel, TheDenoiserGainsFromTheRightCondition) {
  const auto last = [](const std::string& key) { return read_metric(demo_run(), key).values.back(); };
  EXPECT_LT(last("condition/loss_own"), 0.95 * last("condition/loss_shuffled"));
  EXPECT_LT(last("condition/loss_own"), last("condition/loss_mean"));
}

TEST_F(DemoModel, TheLossFalls) {
  const auto loss = read_metric(demo_run(), "loss").values;
  ASSERT_GE(loss.size(), 10u);
  EXPECT_LT(loss.back(), 0.5 * loss.front());
}

}  // namespace
}  // namespace patronus
