#pragma once
#include <ATen/core/Tensor.h>

#include "patronus/metrics/linear_probe.h"

namespace patronus {

// Whether single dimensions of a representation (codes) stand for single attributes (factors).

/// DCI (Eastwood and Williams 2018). The importance of a code for an attribute is the absolute coefficient in
/// an L2-penalised logistic regression on standardised codes (AttributeProbe::importance). Not L1, though it
/// is often used: of codes that tell nothing it keeps a few at random, and an importance that stands alone in
/// its row or column counts as perfect disentanglement.
struct Dci {
  double disentanglement = 0;
  double completeness = 0;
  double informativeness = 0;  // latent AUROC of the same regressions on held-out rows, mean over folds
};

/// DCI over the attributes measured in at least one fold; all 0 where there are none.
Dci dci(const AttributeProbe& probe);

/// 1 - H(row) / ln A of every row of `importance` [D, A], a row taken as a distribution over attributes,
/// weighted by the rows' sums: 1 where every code serves one attribute, 0 where all serve all alike. Codes
/// that tell nothing reach about 0.28 / ln A by chance; a single attribute gives 1.
double disentanglement(const at::Tensor& importance);

/// 1 - H(column) / ln D of every column of `importance` [D, A], a column taken as a distribution over the D
/// codes, weighted by the columns' sums: 1 where one code serves every attribute.
double completeness(const at::Tensor& importance);

/// Mutual information gap (Chen et al. 2018) of `x` [N, D], any floating type, and `attributes` int64 [N, A],
/// values from 0 up or unknown (core/unknown.h), both on the CPU: (I of the best code - I of the second) /
/// H(attribute), the mean over the attributes that vary; 0 where there are none. Codes are cut into 20 bins
/// of equal width (Locatello et al. 2019); a single code has a runner-up that tells nothing.
double mutual_information_gap(const at::Tensor& x, const at::Tensor& attributes);

}  // namespace patronus
