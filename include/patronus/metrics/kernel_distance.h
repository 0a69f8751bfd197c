#pragma once
#include <ATen/core/Tensor.h>

#include <cstdint>

namespace patronus {

struct KernelDistanceOptions {
  int64_t subsets = 100;
  int64_t subset_size = 1000;
  uint64_t seed = 0;  // of the subsets: the same seed gives the same distance
};

struct KernelDistance {
  double mean;       // over the subsets; unbiased, so below 0 half of the time where the distributions agree
  double deviation;  // of the population of subsets (divided by their number, not by one less); NaN of a
                     // single one
  int64_t subsets;   // that were drawn
  int64_t subset_size;  // vectors of each sample in a subset
};

/// The kernel inception distance (Binkowski et al. 2018): the unbiased estimate of the squared maximum mean
/// discrepancy with the kernel (x·y / D + 1)^3, over subsets drawn without replacement from either sample.
/// Subsets have as many vectors as the smaller sample where that has fewer than `subset_size`; where all of
/// both samples is used there is a single subset. `x`: [N, D], `y`: [M, D], N and M at least 2,
/// any floating type; computed in float64 on the CPU.
KernelDistance kernel_distance(const at::Tensor& x, const at::Tensor& y,
                               const KernelDistanceOptions& options = {});

}  // namespace patronus
