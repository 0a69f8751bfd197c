#pragma once
#include <ATen/core/Tensor.h>
#include <c10/core/Device.h>

#include <cstdint>

#include "patronus/models/module_state.h"

namespace patronus {

/// Cosine similarities [P, P] of `vectors` [P, D]; 0 for a zero vector.
at::Tensor cosine_similarities(const at::Tensor& vectors);

/// Prototype distinct loss (paper 5): mean_i relu(margin - min_{j != i} (1 - |cos(p_i, p_j)|)) over
/// prototypes [P, D, 1, 1]. An fp32 scalar, also under autocast; 0 for a single prototype. The gradient of
/// each minimum goes to one pair.
at::Tensor distinct_loss(const at::Tensor& prototypes, double margin);

/// Pearson correlations [P, P] of the columns of `activations` [B, P], B at least 2, in float32 and
/// differentiable, also under autocast; 0 with a constant column.
at::Tensor activation_correlations(const at::Tensor& activations);

/// Penalty on prototypes with redundant activations: with r the correlations of their activations,
///   sum over pairs j != k of max(r_jk, 0)^2, divided by P
/// (the off-diagonal term of Barlow Twins, Zbontar et al. 2021, within one view; NashAE, Yeats et al. 2022,
/// achieves the same for its latents with an adversary). Unlike the distinct loss it compares the prototypes'
/// activations, not their vectors. Negative correlations, as of mutually exclusive prototypes, are not
/// penalised. Correlations over a batch of tens of images are mostly noise, so r is their moving average over
/// batches; its gradient passes through the latest batch as if it were all of it.
class DecorrelationPenalty {
 public:
  /// `memory`: weight of the previous average at each batch, from 0 (each batch by itself) to below 1.
  DecorrelationPenalty(int64_t prototypes, double memory, at::Device device);

  /// Adds a batch's `activations` [B, P], B at least 2, to the average. Returns a scalar: the penalty of the
  /// average, with a gradient that lowers it.
  at::Tensor operator()(const at::Tensor& activations);

  /// State kept between batches: `sum` [P, P] and `weight`, whose quotient is the average. The tensors are
  /// shared: writing into them changes the penalty.
  NamedTensors state() const { return {{"sum", sum_}, {"weight", weight_}}; }

 private:
  double memory_;
  at::Tensor sum_;     // float32 [P, P]
  at::Tensor weight_;  // float32 scalar, from 0 towards 1
};

}  // namespace patronus
