#pragma once
#include <ATen/core/Tensor.h>

namespace patronus {

// The area under the receiver operating characteristic: the probability that a row with label 1 scores higher
// than a row with label 0, a tie counting one half (mid-ranks; Mann and Whitney 1947). Scores are of any
// floating type without NaN, labels int64, all on the CPU. Rows whose label is unknown (core/unknown.h) do
// not count.

/// Area under the ROC curve of `scores` [N] for `labels` [N], 0 or 1; 0.5, chance, for labels of one class
/// only.
double auroc(const at::Tensor& scores, const at::Tensor& labels);

/// AUROC of every column of `scores` [N, D] for every column of `labels` [N, A], 0 or 1: float64 [A, D]; 0.5
/// for a label of one class only. From one ranking of a column of scores where every label is known, else
/// from one for each label.
at::Tensor auroc_of_columns(const at::Tensor& scores, const at::Tensor& labels);

/// max(a, 1 - a): how well a score tells the classes apart, whichever of them scores higher. 0.5 .. 1.
at::Tensor sign_free(const at::Tensor& auroc);

/// Cliff's delta, 2 a - 1: how much likelier a row with label 1 is to score higher than one with label 0 than
/// to score lower. -1 .. 1.
at::Tensor cliffs_delta(const at::Tensor& auroc);

/// Whether `labels` [N, ...] hold more than one known class, without which there is no AUROC: bool [...].
at::Tensor has_several_classes(const at::Tensor& labels);

}  // namespace patronus
