#pragma once
#include <ATen/core/Tensor.h>

#include <vector>

#include "patronus/metrics/cross_validation.h"
#include "patronus/metrics/mean_over.h"

namespace patronus {

/// Smallest AUROC, in either direction, at which a dimension captures an attribute (paper 4.2).
constexpr double kCapturedAuroc = 0.75;

/// Largest redundancy (mutual_information.h) of an attribute for it to be considered.
constexpr double kLargestRedundancy = 0.2;

/// Total AUROC difference (Yeats et al. 2022; paper 4.2): how exclusively single dimensions of a
/// representation represent attributes.
struct Tad {
  // Sum over captured attributes of the largest AUROC minus the second largest, which is 0.5 for a single
  // dimension.
  double tad = 0;
  at::Tensor auroc;       // float64 [A, D], sign-free
  at::Tensor redundancy;  // float64 [A], see mutual_information.h
  at::Tensor possible;    // bool [A]: varies, and redundancy at most kLargestRedundancy
  at::Tensor captured;    // bool [A]: possible, and the largest AUROC at least kCapturedAuroc
};

/// TAD of the representation `x` [N, D], any floating-point type, for `attributes` int64 [N, A], 0, 1 or
/// unknown (core/unknown.h: such rows do not count for that attribute), both on the CPU. Depends only on the
/// ranks of x, not on its scale.
Tad total_auroc_difference(const at::Tensor& x, const at::Tensor& attributes);

/// TAD on the train part of each fold.
struct TadOverFolds {
  std::vector<Tad> folds;
  MeanOver tad;
  MeanOver captured;  // number of attributes
  MeanOver possible;  // number of attributes
};

TadOverFolds total_auroc_difference(const at::Tensor& x, const at::Tensor& attributes,
                                    const std::vector<Fold>& folds);

/// How well single dimensions tell attributes in rows that they were not chosen in: the two dimensions with
/// the largest sign-free AUROC in a fold's train part, each measured in the test part, in the direction that
/// it has in the train part (below 0.5 if that direction is wrong there). float64 [folds, A, 2]; NaN where a
/// part has one class of an attribute only, and for the second of a single dimension.
at::Tensor held_out_auroc(const at::Tensor& x, const at::Tensor& attributes, const std::vector<Fold>& folds);

}  // namespace patronus
