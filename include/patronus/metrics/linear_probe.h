#pragma once
#include <ATen/core/Tensor.h>

#include <cstdint>
#include <vector>

#include "patronus/metrics/cross_validation.h"
#include "patronus/metrics/mean_over.h"

namespace patronus {

// Linear probes of a representation `x` [N, D] (any floating-point type, on the CPU; paper 4.2, "latent
// AUROC"): in each fold, logistic regression on the train part, standardised by that part, is evaluated on
// the test part. Rows with an unknown label (core/unknown.h) are left out of both for that label.

/// Probes of attributes, one classifier each.
struct AttributeProbe {
  at::Tensor auroc;       // float64 [K, A], on each fold's test part; 0.5 where not measured
  at::Tensor measured;    // bool [K, A]; false if the train or test part has only one class
  at::Tensor importance;  // float64 [D, A], |coefficient|, mean over measured folds; 0 if there are none
};

/// Probes `attributes`, int64 [N, A]: 0, 1 or unknown.
AttributeProbe probe_attributes(const at::Tensor& x, const at::Tensor& attributes,
                                const std::vector<Fold>& folds);

/// Mean AUROC of one attribute over folds.
MeanOver attribute_auroc(const AttributeProbe& probe, int64_t attribute);

/// Latent AUROC: in each fold, the mean over the attributes measured there.
MeanOver latent_auroc(const AttributeProbe& probe);

/// Probe of classes by a single softmax regression.
struct ClassProbe {
  at::Tensor accuracy;  // float64 [K], share of correct predictions on the test part; 0 where not measured
  at::Tensor measured;  // bool [K]; false if the train part has only one class or the test part is empty
};

/// Probes `labels`, int64 [N]: classes 0, 1 ... or unknown. A class missing in the train part is never
/// predicted.
ClassProbe probe_classes(const at::Tensor& x, const at::Tensor& labels, const std::vector<Fold>& folds);

/// Mean accuracy of a class probe over folds.
MeanOver class_accuracy(const ClassProbe& probe);

}  // namespace patronus
