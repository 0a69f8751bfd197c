#pragma once
#include <ATen/core/Tensor.h>

#include "patronus/metrics/linear_probe.h"

namespace patronus {

// Measures how far single dimensions of a representation (codes) correspond to single attributes (factors).

/// DCI (Eastwood and Williams 2018). The importance of a code for an attribute is the absolute coefficient of
/// an L2-penalised logistic regression on standardised codes (AttributeProbe::importance). The common L1
/// penalty keeps a few uninformative codes at random, and a single importance in a row or column counts as
/// perfect disentanglement.
struct Dci {
  double disentanglement = 0;
  double completeness = 0;
  double informativeness = 0;  // latent AUROC of the same regressions on held-out rows, mean over folds
};

/// DCI over the attributes measured in at least one fold. Disentanglement is NaN with fewer than two of them.
Dci dci(const AttributeProbe& probe);

/// Mean over the rows of `importance` [D, A], weighted by their sums, of 1 - H(row) / ln A, with a row as a
/// distribution over attributes: 1 if each code serves one attribute, 0 if all serve all equally.
/// Uninformative codes reach about 0.28 / ln A by chance; a single attribute gives 1.
double disentanglement(const at::Tensor& importance);

/// Mean over the columns of `importance` [D, A], weighted by their sums, of 1 - H(column) / ln D, with a
/// column as a distribution over codes: 1 if one code serves each attribute.
double completeness(const at::Tensor& importance);

/// Mutual information gap (Chen et al. 2018): (I of the best code - I of the second) / H(attribute), mean
/// over attributes that vary; 0 without any. `x`: [N, D], any floating-point type; `attributes`: int64 [N,
/// A], values from 0 up or unknown (core/unknown.h); both on the CPU. Codes are discretised into 20 bins of
/// equal width (Locatello et al. 2019); for a single code, I of the second is 0.
double mutual_information_gap(const at::Tensor& x, const at::Tensor& attributes);

}  // namespace patronus
