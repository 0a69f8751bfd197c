#pragma once
#include <ATen/core/Tensor.h>

#include <cstdint>

namespace patronus {

struct KernelDistanceOptions {
  int64_t subsets = 100;
  int64_t subset_size = 1000;
  uint64_t seed = 0;  // for drawing the subsets; the same seed gives the same distance
};

struct KernelDistance {
  double mean;          // over subsets; unbiased, so negative half of the time for equal distributions
  double deviation;     // over subsets (population: divided by their number); NaN for a single one
  int64_t subsets;      // number of subsets drawn
  int64_t subset_size;  // vectors of each sample in a subset
};

/// Kernel inception distance (Binkowski et al. 2018): unbiased estimate of the squared maximum mean
/// discrepancy with the kernel (x·y / D + 1)^3, over subsets drawn without replacement from each sample.
/// Subsets are at most as large as the smaller sample; there is only one if it contains all of both samples.
/// `x`: [N, D], `y`: [M, D], N and M at least 2, any floating-point type; computed in float64 on the CPU.
KernelDistance kernel_distance(const at::Tensor& x, const at::Tensor& y,
                               const KernelDistanceOptions& options = {});

}  // namespace patronus
