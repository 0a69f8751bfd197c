#include "patronus/models/losses.h"

#include <ATen/Functions.h>
#include <ATen/TensorOperators.h>

#include <cmath>

#include "patronus/core/device.h"

namespace patronus {
namespace {

/// All pairwise distances [P, P] of vectors [P, D].
at::Tensor pairwise_distances(const at::Tensor& vectors, PrototypeDistance distance) {
  if (distance == PrototypeDistance::kEuclidean) {
    // Mode 2: differences, not the expanded product, which cancels where prototypes lie close.
    return at::cdist(vectors, vectors, /*p=*/2, /*compute_mode=*/2);
  }
  const auto directions = vectors / vectors.norm(2, {1}, /*keepdim=*/true).clamp_min(1e-8);
  const auto cosines = directions.matmul(directions.t());
  return 1 - (distance == PrototypeDistance::kCosineAbs ? cosines.abs() : cosines);
}

}  // namespace

at::Tensor distinct_loss(const at::Tensor& prototypes, double margin, PrototypeDistance distance) {
  const AutocastGuard fp32(prototypes.device().type(), Precision::kFloat32);
  const auto distances = pairwise_distances(prototypes.flatten(1), distance);
  const auto self = at::eye(prototypes.size(0), distances.options().dtype(at::kBool));
  const auto nearest = std::get<0>(distances.masked_fill(self, INFINITY).min(/*dim=*/1));
  return (margin - nearest).relu().mean();
}

}  // namespace patronus
