#pragma once
#include <ATen/core/Tensor.h>

#include <cstdint>
#include <vector>

#include "patronus/metrics/cross_validation.h"
#include "patronus/metrics/mean_over.h"

namespace patronus {

// What a linear classifier reads off a representation `x` [N, D] (any floating type, on the CPU): a logistic
// regression on the train part of every fold, standardised by that part, is judged on the fold's test part
// (paper 4.2, "latent AUROC"). A row whose label is unknown (core/unknown.h) takes no part in that label's
// regression, nor in its judgement.

/// Probes of attributes, each by a classifier of its own.
struct AttributeProbe {
  at::Tensor auroc;       // float64 [K, A], on the test part of every fold; 0.5 where not measured
  at::Tensor measured;    // bool [K, A]; false where the train or the test part holds one class only
  at::Tensor importance;  // float64 [D, A], |coefficient|, mean over the folds measured; 0 where in none
};

/// `attributes`: int64 [N, A], 0, 1 or unknown.
AttributeProbe probe_attributes(const at::Tensor& x, const at::Tensor& attributes,
                                const std::vector<Fold>& folds);

/// AUROC of one attribute.
MeanOver attribute_auroc(const AttributeProbe& probe, int64_t attribute);

/// Latent AUROC: in every fold the mean over the attributes measured there.
MeanOver latent_auroc(const AttributeProbe& probe);

/// A probe of classes, by one softmax regression for all.
struct ClassProbe {
  at::Tensor accuracy;  // float64 [K], share of the test part that is predicted right; 0 where not measured
  at::Tensor measured;  // bool [K]; false where the train part holds one class only, the test part none
};

/// `labels`: int64 [N], classes 0, 1 ... or unknown. A class that the train part lacks is never predicted.
ClassProbe probe_classes(const at::Tensor& x, const at::Tensor& labels, const std::vector<Fold>& folds);

/// Accuracy of the class probe.
MeanOver class_accuracy(const ClassProbe& probe);

}  // namespace patronus
