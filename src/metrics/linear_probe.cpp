#include "patronus/metrics/linear_probe.h"

#include <ATen/Functions.h>
#include <ATen/TensorOperators.h>

#include "patronus/core/standardizer.h"
#include "patronus/core/to_vector.h"
#include "patronus/core/unknown.h"
#include "patronus/metrics/auroc.h"
#include "patronus/metrics/logistic_regression.h"

namespace patronus {
namespace {

/// A fold's rows, standardised with the train part's statistics.
struct StandardizedParts {
  at::Tensor train;
  at::Tensor test;
};

StandardizedParts standardized_parts(const at::Tensor& x, const Fold& fold) {
  const auto train = x.index_select(0, fold.train).to(at::kDouble);
  const auto test = x.index_select(0, fold.test).to(at::kDouble);
  const Standardizer scale = fit_standardizer(train);
  return {scale.transform(train), scale.transform(test)};
}

/// Rows with a known label.
struct LabelledRows {
  at::Tensor x;
  at::Tensor labels;
};

LabelledRows labelled_rows(const at::Tensor& x, const at::Tensor& labels) {
  const auto rows = known_rows(labels);
  if (rows.size(0) == labels.size(0)) return {x, labels};
  return {x.index_select(0, rows), labels.index_select(0, rows)};
}

/// Over the folds where `measured` [K] holds. Population standard deviation, as the paper's ±.
MeanOver mean_over_measured(const at::Tensor& measured, const at::Tensor& values) {
  return mean_over(to_vector(values.masked_select(measured)), "folds", Deviation::kPopulation);
}

}  // namespace

AttributeProbe probe_attributes(const at::Tensor& x, const at::Tensor& attributes,
                                const std::vector<Fold>& folds) {
  const auto count = std::ssize(folds);
  AttributeProbe probe{at::full({count, attributes.size(1)}, 0.5, at::kDouble),
                       at::zeros({count, attributes.size(1)}, at::kBool),
                       at::zeros({x.size(1), attributes.size(1)}, at::kDouble)};
  for (int64_t k = 0; k < count; ++k) {
    const Fold& fold = folds[k];
    const auto [train, test] = standardized_parts(x, fold);
    const auto train_labels = attributes.index_select(0, fold.train);
    const auto test_labels = attributes.index_select(0, fold.test);
    probe.measured[k] = has_several_classes(train_labels) & has_several_classes(test_labels);
    for (int64_t a = 0; a < attributes.size(1); ++a) {
      if (!probe.measured[k][a].item<bool>()) continue;
      const auto known = labelled_rows(train, train_labels.select(1, a));
      const auto fit = fit_logistic_regression(known.x, known.labels);
      probe.auroc[k][a] = auroc(fit.logits(test).squeeze(1), test_labels.select(1, a));
      probe.importance.select(1, a) += fit.coef.squeeze(0).abs();
    }
  }
  probe.importance /= probe.measured.sum(0).clamp_min(1);
  return probe;
}

MeanOver attribute_auroc(const AttributeProbe& probe, int64_t attribute) {
  return mean_over_measured(probe.measured.select(1, attribute), probe.auroc.select(1, attribute));
}

MeanOver latent_auroc(const AttributeProbe& probe) {
  const auto measured = probe.measured.sum(1);
  const auto mean = (probe.auroc * probe.measured).sum(1) / measured.clamp_min(1);
  return mean_over_measured(measured > 0, mean);
}

ClassProbe probe_classes(const at::Tensor& x, const at::Tensor& labels, const std::vector<Fold>& folds) {
  const auto count = std::ssize(folds);
  ClassProbe probe{at::zeros({count}, at::kDouble), at::zeros({count}, at::kBool)};
  for (int64_t k = 0; k < count; ++k) {
    const Fold& fold = folds[k];
    const auto [train, test] = standardized_parts(x, fold);
    const auto known = labelled_rows(train, labels.index_select(0, fold.train));
    const auto judged = labelled_rows(test, labels.index_select(0, fold.test));
    if (!has_several_classes(known.labels).item<bool>() || judged.labels.numel() == 0) continue;
    const auto predicted = fit_logistic_regression(known.x, known.labels).predict(judged.x);
    probe.accuracy[k] = (predicted == judged.labels).to(at::kDouble).mean();
    probe.measured[k] = true;
  }
  return probe;
}

MeanOver class_accuracy(const ClassProbe& probe) {
  return mean_over_measured(probe.measured, probe.accuracy);
}

}  // namespace patronus
