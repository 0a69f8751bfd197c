#pragma once
#include <ATen/core/Tensor.h>

#include <cstdint>

namespace patronus {

/// Fidelity and diversity of a generated sample, as shares of vectors, 0 .. 1. The region of a sample is the
/// union of balls around its vectors, each reaching to the vector's k-th nearest neighbour in the sample.
struct PrecisionRecall {
  double precision;  // generated vectors inside the real region (Kynkäänniemi et al. 2019): fidelity
  double recall;     // real vectors inside the generated region: diversity
  double density;    // real balls containing a generated vector, over k (Naeem et al. 2020); may exceed 1
  double coverage;   // real balls containing at least one generated vector
};

/// Compares `real` [N, D] and `generated` [M, D], N and M above `neighbours` (k), any floating-point type.
/// Distances are exact, in float64 on the CPU; all N + M balls are compared with all vectors in blocks of
/// rows.
PrecisionRecall precision_recall(const at::Tensor& real, const at::Tensor& generated, int64_t neighbours = 3);

}  // namespace patronus
