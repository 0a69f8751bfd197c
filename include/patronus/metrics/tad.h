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

}  // namespace patronus
