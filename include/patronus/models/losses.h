#pragma once
#include <ATen/core/Tensor.h>

namespace patronus {

/// Distance between two prototypes: 1 - |cos| (paper), 1 - cos, or the Euclidean distance.
enum class PrototypeDistance { kCosineAbs, kCosineSigned, kEuclidean };

/// mean_i relu(margin - min_{j != i} distance(p_i, p_j)) over prototypes [P, D, 1, 1] (paper 5, "Prototype
/// Distinct Loss"). A scalar in fp32, also under autocast. The gradient of each minimum goes to one pair. 0
/// for one prototype.
at::Tensor distinct_loss(const at::Tensor& prototypes, double margin,
                         PrototypeDistance distance = PrototypeDistance::kCosineAbs);

}  // namespace patronus
