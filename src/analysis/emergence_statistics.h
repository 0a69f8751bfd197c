#pragma once
#include <ATen/core/Tensor.h>

#include <cstdint>
#include <vector>

#include "analysis/emergence_sums.h"
#include "analysis/emergence_trajectory.h"
#include "patronus/analysis/emergence.h"

namespace patronus {

/// Computes curves, times, states and rank correlations from the sums.
Emergence emergence_of(const EmergenceSums& sums, const std::vector<int64_t>& prototypes,
                       const EmergenceTimesteps& timesteps);

/// Spearman correlation of `x` and `y`, float64 [1 + R, K] each: the values (row 0) and their resamples over
/// images. Each resample also draws the K prototypes with replacement, because another model would have other
/// prototypes. NaN for fewer than 5 prototypes, or if either row 0 is constant.
RankCorrelation rank_correlation(const at::Tensor& x, const at::Tensor& y);

}  // namespace patronus
