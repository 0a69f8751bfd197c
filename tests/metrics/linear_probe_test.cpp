#include "patronus/metrics/linear_probe.h"

#include <ATen/Functions.h>
#include <ATen/TensorOperators.h>
#include <gtest/gtest.h>

#include "patronus/core/random.h"
#include "patronus/core/standardizer.h"
#include "patronus/core/unknown.h"
#include "patronus/metrics/logistic_regression.h"
#include "support/parity.h"

namespace patronus {
namespace {

/// Noise but for column 2, which holds the first attribute.
struct ProbedSample {
  at::Tensor x = at::randn({400, 5}, make_generator(1));
  at::Tensor attributes = at::randint(0, 2, {400, 2}, make_generator(2), at::kLong);
  std::vector<Fold> folds = k_folds(400);

  ProbedSample() { x.select(1, 2) += 4 * attributes.select(1, 0); }
};

TEST(AttributeProbe, ReadsWhatIsThereAndNothingElse) {
  const ProbedSample sample;
  const auto probe = probe_attributes(sample.x, sample.attributes, sample.folds);
  EXPECT_TRUE(probe.measured.all().item<bool>());
  EXPECT_GT(attribute_auroc(probe, 0).mean, 0.97);
  EXPECT_NEAR(attribute_auroc(probe, 1).mean, 0.5, 0.1);
  EXPECT_EQ(attribute_auroc(probe, 0).count, 5);
  EXPECT_EQ(probe.importance.select(1, 0).argmax().item<int64_t>(), 2);
  EXPECT_GT(probe.importance[2][0].item<double>(), 5 * probe.importance.select(1, 1).max().item<double>());
}

TEST(AttributeProbe, LatentAurocIsTheMeanOverAttributesInEveryFold) {
  const ProbedSample sample;
  const auto probe = probe_attributes(sample.x, sample.attributes, sample.folds);
  const MeanOver latent = latent_auroc(probe);
  EXPECT_NEAR(latent.mean, probe.auroc.mean().item<double>(), 1e-15);
  EXPECT_NEAR(latent.deviation, probe.auroc.mean(1).std(false).item<double>(), 1e-15);
}

TEST(AttributeProbe, ImportanceIsTheMeanAbsoluteCoefficientOfTheRegressions) {
  const ProbedSample sample;
  auto expected = at::zeros({5}, at::kDouble);
  for (const Fold& fold : sample.folds) {
    const auto train = sample.x.index_select(0, fold.train).to(at::kDouble);
    const auto labels = sample.attributes.select(1, 0).index_select(0, fold.train);
    expected += fit_logistic_regression(fit_standardizer(train).transform(train), labels).coef[0].abs() / 5;
  }
  const auto probe = probe_attributes(sample.x, sample.attributes, sample.folds);
  EXPECT_TRUE(test::close(probe.importance.select(1, 0), expected, 1e-12));
}

TEST(AttributeProbe, DoesNotDependOnTheUnitsOfTheCodes) {
  const ProbedSample sample;
  const auto units = at::tensor({1e-3, 1.0, 30.0, 1e3, 2.0});
  const auto probe = probe_attributes(sample.x, sample.attributes, sample.folds);
  const auto other = probe_attributes(sample.x * units - 5, sample.attributes, sample.folds);
  EXPECT_TRUE(test::close(other.auroc, probe.auroc, 1e-12));
  EXPECT_TRUE(test::close(other.importance, probe.importance, 1e-4));
}

TEST(AttributeProbe, ReportsAttributesOfOneClassAsNotMeasured) {
  const ProbedSample sample;
  auto once = at::zeros({400, 1}, at::kLong);  // in one test part, and then in no train part
  once[123] = 1;
  const auto attributes = at::cat({sample.attributes, at::ones({400, 1}, at::kLong), once}, 1);
  const auto probe = probe_attributes(sample.x, attributes, sample.folds);
  EXPECT_TRUE(at::equal(probe.measured.sum(0), at::tensor({5, 5, 0, 0}, at::kLong)));
  for (const int64_t absent : {2, 3}) {
    EXPECT_EQ(attribute_auroc(probe, absent).count, 0);
    EXPECT_EQ(probe.importance.select(1, absent).max().item<double>(), 0);
  }
  const auto present = probe_attributes(sample.x, sample.attributes, sample.folds);
  EXPECT_EQ(latent_auroc(probe).mean, latent_auroc(present).mean) << "they do not count";
}

TEST(AttributeProbe, MeasuresAnAttributeInTheFoldsThatHaveBothClasses) {
  const ProbedSample sample;
  auto seldom = at::zeros({400, 1}, at::kLong);
  for (const size_t k : {1, 3}) seldom.index_fill_(0, sample.folds[k].test.slice(0, 0, 2), 1);
  const auto probe = probe_attributes(sample.x, seldom, sample.folds);
  EXPECT_TRUE(at::equal(probe.measured.squeeze(1), at::tensor({0, 1, 0, 1, 0}).to(at::kBool)));
  EXPECT_EQ(attribute_auroc(probe, 0).count, 2);
  EXPECT_EQ(latent_auroc(probe).count, 2);
}

/// Three classes, each in a corner of its own.
at::Tensor corners(const at::Tensor& labels) {
  const auto noise = at::randn({labels.size(0), 3}, make_generator(3), at::kDouble);
  return 5 * at::one_hot(labels, 3) + noise;
}

TEST(ClassProbe, CountsTheShareOfTestRowsThatArePredictedRight) {
  const auto labels = at::arange(300, at::kLong).remainder(3);
  const auto folds = k_folds(300);
  const MeanOver apart = class_accuracy(probe_classes(corners(labels), labels, folds));
  EXPECT_GT(apart.mean, 0.98);
  EXPECT_EQ(apart.count, 5);
  const auto noise = at::randn({300, 3}, make_generator(4));
  EXPECT_NEAR(class_accuracy(probe_classes(noise, labels, folds)).mean, 1.0 / 3, 0.1);
}

TEST(ClassProbe, NeverPredictsAClassThatItWasNotTrainedOn) {
  const auto labels = at::arange(300, at::kLong).remainder(3);
  const auto without = (labels < 2).nonzero().squeeze(1);
  const auto with = at::arange(30, at::kLong);  // ten of every class
  const auto probe = probe_classes(corners(labels), labels, {{without, with}});
  EXPECT_TRUE(probe.measured.item<bool>());
  EXPECT_NEAR(probe.accuracy.item<double>(), 2.0 / 3, 0.05);
}

TEST(ClassProbe, ReportsDataOfOneClassAsNotMeasured) {
  const auto probe = probe_classes(at::ones({20, 2}), at::full({20}, 4, at::kLong), k_folds(20));
  EXPECT_FALSE(probe.measured.any().item<bool>());
  EXPECT_EQ(class_accuracy(probe).count, 0);
}

/// The sample with a third of the first attribute's labels wrong, or unknown.
at::Tensor with_every_third(const ProbedSample& sample, bool unknown) {
  auto labels = sample.attributes.select(1, 0).clone();
  auto third = labels.slice(0, 0, labels.size(0), 3);
  third.copy_(unknown ? at::full_like(third, kUnknown) : 1 - third);
  return labels;
}

TEST(AttributeProbe, LeavesOutRowsWhoseLabelIsUnknown) {
  const ProbedSample sample;
  const auto measured = [&](bool unknown) {
    const auto labels = with_every_third(sample, unknown).unsqueeze(1);
    return attribute_auroc(probe_attributes(sample.x, labels, sample.folds), 0).mean;
  };
  EXPECT_LT(measured(false), 0.8);
  EXPECT_GT(measured(true), 0.97);
  const auto nothing = at::full({400, 1}, kUnknown);
  EXPECT_FALSE(probe_attributes(sample.x, nothing, sample.folds).measured.any().item<bool>());
}

TEST(ClassProbe, LeavesOutRowsWhoseLabelIsUnknown) {
  const ProbedSample sample;
  const auto accuracy = [&](bool unknown) {
    return class_accuracy(probe_classes(sample.x, with_every_third(sample, unknown), sample.folds)).mean;
  };
  EXPECT_LT(accuracy(false), 0.8);
  EXPECT_GT(accuracy(true), 0.95);
  EXPECT_EQ(class_accuracy(probe_classes(sample.x, at::full({400}, kUnknown), sample.folds)).count, 0);
}

}  // namespace
}  // namespace patronus
