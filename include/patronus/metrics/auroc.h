#pragma once
#include <ATen/core/Tensor.h>

#include <cstdint>

#include "patronus/metrics/bootstrap.h"

namespace patronus {

// Area under the ROC curve: the probability that a row with label 1 scores higher than a row with label 0,
// counting ties as one half (mid-ranks; Mann and Whitney 1947). Scores have any floating-point type and no
// NaN, labels are int64, all on the CPU. Rows with an unknown label (core/unknown.h) do not count.

/// AUROC of `scores` [N] for `labels` [N], 0 or 1; 0.5 (chance) if all labels are of one class.
double auroc(const at::Tensor& scores, const at::Tensor& labels);

/// AUROC of each column of `scores` [N, D] for each column of `labels` [N, A], 0 or 1: float64 [A, D]; 0.5
/// for a label of one class. Ranks a column of scores once if all labels are known, else once per label.
at::Tensor auroc_of_columns(const at::Tensor& scores, const at::Tensor& labels);

/// An AUROC measured in rows `with` label 1 and rows `without` it, at least 1 each, with its 95 % score
/// interval (Newcombe 2006, method 5): the values from which the measured one is at most 1.96 standard errors
/// away that it would have if they were true. Unlike a bootstrap, which cannot draw what was not seen, it has
/// a width where all pairs are in order: of 1 from 20 and 20 rows, 0.90 to 1.
Estimate auroc_interval(double auroc, int64_t with, int64_t without);

/// max(a, 1 - a), 0.5 .. 1: how well a score separates the classes, whichever of them scores higher.
at::Tensor sign_free(const at::Tensor& auroc);

/// The columns of scores that separate labels best.
struct BestColumns {
  at::Tensor column;  // int64 [...]
  at::Tensor rises;   // bool [...], whether its scores are higher for label 1 than for 0
};
/// Of each row of `auroc` [..., D], AUROCs of D columns, the one with the largest sign-free AUROC.
BestColumns best_columns(const at::Tensor& auroc);

/// `auroc` [...] of scores that rise with the label, 1 - `auroc` of others: above 0.5 if other rows agree
/// with those in which `rises` (bool [...]) was found.
at::Tensor in_direction(const at::Tensor& auroc, const at::Tensor& rises);

/// Cliff's delta, 2 a - 1, in -1 .. 1: probability that a row with label 1 scores higher than one with label
/// 0, minus the probability that it scores lower.
at::Tensor cliffs_delta(const at::Tensor& auroc);

/// Whether `labels` [N, ...] contain several known classes, as AUROC requires: bool [...].
at::Tensor has_several_classes(const at::Tensor& labels);

}  // namespace patronus
