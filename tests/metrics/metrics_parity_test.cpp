#include <ATen/Functions.h>
#include <ATen/TensorOperators.h>

#include "patronus/core/standardizer.h"
#include "patronus/metrics/auroc.h"
#include "patronus/metrics/cross_validation.h"
#include "patronus/metrics/linear_probe.h"
#include "patronus/metrics/logistic_regression.h"
#include "patronus/metrics/mutual_information.h"
#include "patronus/metrics/tad.h"
#include "support/parity.h"
#include "support/reference_model.h"

namespace patronus::test {
namespace {

// What the parity README allows: against converged solutions, and against those where scikit-learn stops
// early.
constexpr double kProbability = 1e-5, kCoefficient = 1e-4, kEarlyAuroc = 2e-3;
// The reference standardises and ranks in float32; counts and logarithms are exact but for rounding.
constexpr double kFloat32 = 1e-6, kFloat64 = 1e-12;

class MetricsParity : public testing::TestWithParam<std::filesystem::path> {
 protected:
  const Dict file = read_tensor_file(GetParam());
  const at::Tensor latents = file.at("latents").tensor();
  const at::Tensor attributes = file.at("attributes").tensor().to(at::kLong);
  const std::vector<Fold> folds = k_folds(latents.size(0));
};

void expect_summary(const MeanOver& actual, const Dict& file, const std::string& name, double tolerance) {
  SCOPED_TRACE(name);
  EXPECT_NEAR(actual.mean, file.at(name + "_mean").number(), tolerance);
  EXPECT_NEAR(actual.deviation, file.at(name + "_std_ddof0").number(), tolerance);
}

/// Entry `name` of all folds: [K, ...].
at::Tensor recorded_folds(const Dict& file, const std::string& name) {
  std::vector<at::Tensor> values;
  for (const auto& fold : file.at("folds").list()) values.push_back(fold.dict().at(name).tensor());
  return at::stack(values);
}

TEST_P(MetricsParity, FoldsAgree) {
  const auto expect_same = [](const std::vector<Fold>& ours, const List& recorded) {
    ASSERT_EQ(ours.size(), recorded.size());
    for (size_t k = 0; k < ours.size(); ++k) {
      EXPECT_TRUE(at::equal(ours[k].train, recorded[k].dict().at("train_index").tensor()));
      EXPECT_TRUE(at::equal(ours[k].test, recorded[k].dict().at("test_index").tensor()));
    }
  };
  expect_same(folds, file.at("folds").list());
  const Dict& multiclass = file.at("multiclass").dict();
  expect_same(k_folds(multiclass.at("labels").tensor().size(0)), multiclass.at("folds").list());
}

TEST_P(MetricsParity, StandardisationAgrees) {
  for (size_t k = 0; k < folds.size(); ++k) {
    const Dict& recorded = file.at("folds").list()[k].dict();
    const auto train = latents.index_select(0, folds[k].train).to(at::kDouble);
    const Standardizer scale = fit_standardizer(train);
    EXPECT_TRUE(close(scale.mean, recorded.at("scaler_mean").tensor(), kFloat64));
    EXPECT_TRUE(close(scale.deviation, recorded.at("scaler_scale").tensor(), kFloat64));
    // The difference from the mean is rounded to float32 before it is divided by the deviation.
    const auto& first = recorded.at("standardised_train_first3").tensor();
    EXPECT_TRUE(
        close(scale.deviation * scale.transform(train.slice(0, 0, 3)), scale.deviation * first, kFloat32));
  }
}

TEST_P(MetricsParity, InformationOfTheAttributesAgrees) {
  for (size_t k = 0; k < folds.size(); ++k) {
    const Dict& recorded = file.at("folds").list()[k].dict();
    const auto train = attributes.index_select(0, folds[k].train);
    EXPECT_TRUE(close(entropy(train), recorded.at("entropy_nats").tensor(), kFloat64));
    EXPECT_TRUE(
        close(mutual_information(train, train), recorded.at("mutual_information").tensor(), kFloat64));
    EXPECT_TRUE(close(redundancy(train), recorded.at("ent_red_prop").tensor(), kFloat64));
  }
}

void expect_tad(const Tad& tad, const Dict& recorded) {
  EXPECT_TRUE(close(tad.auroc, recorded.at("dim_auroc").tensor(), kFloat32));
  const auto [best, best_dimension] = tad.auroc.max(1);
  EXPECT_TRUE(close(best, recorded.at("best_auroc").tensor(), kFloat32));
  EXPECT_TRUE(at::equal(best_dimension, recorded.at("best_dim").tensor()));
  const auto second = std::get<0>(tad.auroc.topk(2, 1)).select(1, 1);
  EXPECT_TRUE(close(second, recorded.at("second_auroc").tensor(), kFloat32));
  EXPECT_NEAR(tad.tad, recorded.at("tad").number(), kFloat32);

  const auto captured = tad.captured.nonzero().squeeze(1);
  EXPECT_EQ(captured.size(0), recorded.at("num_captured").integer());
  EXPECT_TRUE(at::equal(captured, at::tensor(integers(recorded.at("captured_attribute")), at::kLong)));
  EXPECT_TRUE(at::equal(best_dimension.index_select(0, captured),
                        at::tensor(integers(recorded.at("captured_dim")), at::kLong)));
  std::vector<double> aurocs;
  for (const auto& value : recorded.at("captured_auroc").list()) aurocs.push_back(value.number());
  EXPECT_TRUE(close(best.index_select(0, captured), at::tensor(aurocs, at::kDouble), kFloat32));
}

TEST_P(MetricsParity, TotalAurocDifferenceAgrees) {
  const TadOverFolds tad = total_auroc_difference(latents, attributes, folds);
  for (size_t k = 0; k < folds.size(); ++k) {
    SCOPED_TRACE(k);
    expect_tad(tad.folds[k], file.at("folds").list()[k].dict());
  }
  expect_summary(tad.tad, file, "tad", kFloat32);
  expect_summary(tad.captured, file, "captured", kFloat64);
}

TEST_P(MetricsParity, BinaryLogisticRegressionsAgree) {
  for (size_t k = 0; k < folds.size(); ++k) {
    const Dict& recorded = file.at("folds").list()[k].dict();
    const auto train = latents.index_select(0, folds[k].train).to(at::kDouble);
    const Standardizer scale = fit_standardizer(train);
    const auto test = scale.transform(latents.index_select(0, folds[k].test));
    std::vector<at::Tensor> coef, intercept, p;
    for (const auto& labels : attributes.index_select(0, folds[k].train).unbind(1)) {
      const auto fit = fit_logistic_regression(scale.transform(train), labels);
      coef.push_back(fit.coef.squeeze(0));
      intercept.push_back(fit.intercept.squeeze(0));
      p.push_back(fit.logits(test).squeeze(1).sigmoid());
    }
    EXPECT_TRUE(close(at::stack(coef), recorded.at("coef_converged").tensor(), kCoefficient));
    EXPECT_TRUE(close(at::stack(intercept), recorded.at("intercept_converged").tensor(), kCoefficient));
    EXPECT_TRUE(close(at::stack(p, 1), recorded.at("test_prob_converged").tensor(), kProbability));
  }
}

TEST_P(MetricsParity, LatentAurocAgrees) {
  const auto probe = probe_attributes(latents, attributes, folds);
  EXPECT_TRUE(probe.measured.all().item<bool>());
  EXPECT_TRUE(close(probe.auroc, recorded_folds(file, "auroc_converged"), kFloat64));
  EXPECT_TRUE(close(probe.auroc, recorded_folds(file, "auroc_sklearn_default"), kEarlyAuroc));
  EXPECT_NEAR(latent_auroc(probe).mean, file.at("latent_auroc_mean").number(), kEarlyAuroc);
}

TEST_P(MetricsParity, SummariesOfTheRecordedProbabilitiesAgree) {
  AttributeProbe early{recorded_folds(file, "auroc_sklearn_default"), at::ones({}, at::kBool), {}};
  early.measured = early.measured.expand_as(early.auroc);
  for (size_t k = 0; k < folds.size(); ++k) {
    const Dict& recorded = file.at("folds").list()[k].dict();
    const auto& p = recorded.at("test_prob_sklearn_default").tensor();
    const auto labels = attributes.index_select(0, folds[k].test);
    const auto auroc = auroc_of_columns(p, labels).diagonal();
    EXPECT_TRUE(close(auroc, recorded.at("auroc_sklearn_default").tensor(), kFloat64));
    EXPECT_NEAR(auroc.mean().item<double>(), recorded.at("mean_auroc").number(), kFloat64);
  }
  expect_summary(latent_auroc(early), file, "latent_auroc", kFloat64);
  for (int64_t a = 0; a < attributes.size(1); ++a) {
    const MeanOver auroc = attribute_auroc(early, a);
    const auto& mean = file.at("latent_auroc_per_attr_mean").tensor();
    const auto& deviation = file.at("latent_auroc_per_attr_std_ddof0").tensor();
    EXPECT_NEAR(auroc.mean, mean[a].item<double>(), kFloat64);
    EXPECT_NEAR(auroc.deviation, deviation[a].item<double>(), kFloat64);
  }
}

TEST_P(MetricsParity, SoftmaxRegressionsAgree) {
  const Dict& multiclass = file.at("multiclass").dict();
  const auto& x = multiclass.at("latents").tensor();
  const auto labels = multiclass.at("labels").tensor().to(at::kLong);
  for (const auto& fold : multiclass.at("folds").list()) {
    const Dict& recorded = fold.dict();
    const auto rows = recorded.at("train_index").tensor();
    const auto train = x.index_select(0, rows).to(at::kDouble);
    const Standardizer scale = fit_standardizer(train);
    const auto test = scale.transform(x.index_select(0, recorded.at("test_index").tensor()));
    const auto fit = fit_logistic_regression(scale.transform(train), labels.index_select(0, rows));
    const auto p = fit.logits(test).softmax(1);
    EXPECT_TRUE(close(fit.coef, recorded.at("coef_converged").tensor(), kCoefficient));
    EXPECT_TRUE(close(fit.intercept, recorded.at("intercept_converged").tensor(), kCoefficient));
    EXPECT_TRUE(close(p, recorded.at("test_prob_converged").tensor(), kProbability));
    EXPECT_TRUE(at::equal(fit.predict(test), recorded.at("predicted_converged").tensor()));
    EXPECT_EQ(fit.classes.size(0), multiclass.at("num_classes").integer());
    const auto top = std::get<0>(p.topk(2, 1));
    EXPECT_NEAR((top.select(1, 0) - top.select(1, 1)).min().item<double>(),
                recorded.at("smallest_top2_gap").number(), 2 * kProbability);
  }
}

TEST_P(MetricsParity, AccuracyAgrees) {
  const Dict& multiclass = file.at("multiclass").dict();
  const auto labels = multiclass.at("labels").tensor().to(at::kLong);
  const auto folds = k_folds(labels.size(0));
  const auto probe = probe_classes(multiclass.at("latents").tensor(), labels, folds);
  const auto& recorded = multiclass.at("folds").list();
  for (size_t k = 0; k < recorded.size(); ++k) {
    const double accuracy = probe.accuracy[static_cast<int64_t>(k)].item<double>();
    EXPECT_NEAR(accuracy, recorded[k].dict().at("accuracy_converged").number(), kFloat64);
    const double one_row = 1.0 / static_cast<double>(folds[k].test.size(0));
    EXPECT_NEAR(accuracy, recorded[k].dict().at("accuracy_sklearn_default").number(), one_row + kFloat64);
  }
  expect_summary(class_accuracy(probe), multiclass, "accuracy", kFloat64);
}

GTEST_ALLOW_UNINSTANTIATED_PARAMETERIZED_TEST(MetricsParity);
INSTANTIATE_TEST_SUITE_P(Cases, MetricsParity, testing::ValuesIn(parity_cases("metrics")), case_name);

}  // namespace
}  // namespace patronus::test
