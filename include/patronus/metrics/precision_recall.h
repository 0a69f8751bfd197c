#pragma once
#include <ATen/core/Tensor.h>

#include <cstdint>

namespace patronus {

/// How well a generated sample lies within a real one, and covers it; shares of vectors, 0 .. 1. A sample's
/// region is the union of balls around its vectors, each as far as the vector's k-th nearest neighbour in the
/// sample.
struct PrecisionRecall {
  double precision;  // generated vectors inside the real region (Kynkäänniemi et al. 2019): fidelity
  double recall;     // real vectors inside the generated region: diversity
  double density;    // real balls that a generated vector lies in, over k (Naeem et al. 2020); may exceed 1
  double coverage;   // real balls that hold a generated vector
};

/// `real`: [N, D], `generated`: [M, D], N and M above `neighbours` (k), any floating type. Distances are
/// exact, in float64 on the CPU, all N + M balls against all vectors in blocks of rows.
PrecisionRecall precision_recall(const at::Tensor& real, const at::Tensor& generated, int64_t neighbours = 3);

}  // namespace patronus
