#pragma once
#include <ATen/core/Tensor.h>

#include <cstdint>
#include <vector>

#include "analysis/emergence_sums.h"
#include "analysis/emergence_trajectory.h"
#include "patronus/analysis/emergence.h"

namespace patronus {

/// Curves, times, states and relations from the sums.
Emergence emergence_of(const EmergenceSums& sums, const std::vector<int64_t>& prototypes,
                       const EmergenceTimesteps& timesteps);

/// Spearman's correlation of `x` and `y`, float64 [1 + R, K] each, a value and its resamples. Each resample
/// draws the K pairs with replacement, too, since another model would have other prototypes.
RankRelation rank_relation(const at::Tensor& x, const at::Tensor& y);

}  // namespace patronus
