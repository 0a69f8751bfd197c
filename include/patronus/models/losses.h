#pragma once
#include <ATen/core/Tensor.h>
#include <c10/core/Device.h>

#include <cstdint>

#include "patronus/models/module_state.h"

namespace patronus {

/// Distance between two prototypes: 1 - |cos| (paper), 1 - cos, or the Euclidean distance.
enum class PrototypeDistance { kCosineAbs, kCosineSigned, kEuclidean };

/// Cosines [P, P] of the angles between `vectors` [P, D]; 0 for a vector of zeros.
at::Tensor cosines(const at::Tensor& vectors);

/// mean_i relu(margin - min_{j != i} distance(p_i, p_j)) over prototypes [P, D, 1, 1] (paper 5, "Prototype
/// Distinct Loss"). A scalar in fp32, also under autocast. The gradient of each minimum goes to one pair. 0
/// for one prototype.
at::Tensor distinct_loss(const at::Tensor& prototypes, double margin,
                         PrototypeDistance distance = PrototypeDistance::kCosineAbs);

/// Pearson correlations [P, P] of the columns of `activations` [B, P], B at least 2, as float32 and
/// differentiable, also under autocast. A column that does not vary correlates with none.
at::Tensor activation_correlations(const at::Tensor& activations);

/// A penalty on prototypes that say the same of an image: with r the correlations of their activations,
///   sum over pairs j != k of max(r_jk, 0)^2, divided by P
/// (the off-diagonal term of Barlow Twins, Zbontar et al. 2021, within one view; NashAE, Yeats et al. 2022,
/// asks the same of its latents by an adversary). Unlike the distinct loss it compares what prototypes do,
/// not their vectors. Prototypes that exclude each other are left alone: blond is not black. The correlations
/// of a batch of tens of images are mostly noise, so r is their moving average over batches; its gradient
/// passes through the newest batch as if it were all of it.
class DecorrelationPenalty {
 public:
  /// `memory`: what is kept of the average from one batch to the next, 0 (each batch by itself) to below 1.
  DecorrelationPenalty(int64_t prototypes, double memory, at::Device device);

  /// Takes in the batch's `activations` [B, P], B at least 2. A scalar whose value is the penalty of the
  /// average and whose gradient lowers it.
  at::Tensor operator()(const at::Tensor& activations);

  /// What is carried from batch to batch: `sum` [P, P] and `weight`, whose quotient is the average. They are
  /// the penalty's own tensors: what is written into them is taken up.
  NamedTensors state() const { return {{"sum", sum_}, {"weight", weight_}}; }

 private:
  double memory_;
  at::Tensor sum_;     // float32 [P, P]
  at::Tensor weight_;  // float32 scalar, from 0 towards 1
};

}  // namespace patronus
