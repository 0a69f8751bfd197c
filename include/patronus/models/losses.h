#pragma once
#include <ATen/core/Tensor.h>

#include <string>

namespace patronus {

enum class PrototypeDistance { kCosineAbs, kCosineSigned, kEuclidean };

/// mean_i relu(margin - min_{j != i} distance(p_i, p_j)) over prototypes [P, D, 1, 1] (paper 5, "Prototype Distinct
/// Loss"; the paper's distance is 1 - |cos|). The gradient of each minimum goes to one pair. 0 for one prototype.
at::Tensor distinct_loss(const at::Tensor& prototypes, double margin,
                         PrototypeDistance distance = PrototypeDistance::kCosineAbs);

}  // namespace patronus
