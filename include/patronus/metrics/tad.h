#pragma once
#include <ATen/core/Tensor.h>

#include <vector>

#include "patronus/metrics/cross_validation.h"
#include "patronus/metrics/mean_over.h"

namespace patronus {

/// An attribute is captured by a dimension that reaches this AUROC, either way round (paper 4.2).
constexpr double kCapturedAuroc = 0.75;

/// An attribute of which another one tells a larger share is left out (redundancy in mutual_information.h).
constexpr double kLargestRedundancy = 0.2;

/// Total AUROC difference (Yeats et al. 2022; paper 4.2): how exclusively single dimensions of a
/// representation stand for attributes.
struct Tad {
  double tad = 0;         // sum over captured attributes of the largest AUROC less that of the runner-up, 0.5
                          // for a single dimension
  at::Tensor auroc;       // float64 [A, D], sign-free
  at::Tensor redundancy;  // float64 [A], see mutual_information.h
  at::Tensor possible;    // bool [A]: varies, and redundancy at most kLargestRedundancy
  at::Tensor captured;    // bool [A]: possible, and the largest AUROC at least kCapturedAuroc
};

/// TAD of the representation `x` [N, D], any floating type, and `attributes` int64 [N, A], 0, 1 or unknown
/// (core/unknown.h: such rows do not count for that attribute), both on the CPU. Nothing depends on the scale
/// of x: ranks are all that counts.
Tad total_auroc_difference(const at::Tensor& x, const at::Tensor& attributes);

/// TAD on the train part of every fold.
struct TadOverFolds {
  std::vector<Tad> folds;
  MeanOver tad;
  MeanOver captured;  // number of attributes
  MeanOver possible;  // number of attributes
};

TadOverFolds total_auroc_difference(const at::Tensor& x, const at::Tensor& attributes,
                                    const std::vector<Fold>& folds);

}  // namespace patronus
