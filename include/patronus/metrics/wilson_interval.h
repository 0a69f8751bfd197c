#pragma once
#include <cstdint>

#include "patronus/metrics/bootstrap.h"

namespace patronus {

/// 97.5 % quantile of the standard normal distribution, of two-sided 95 % intervals.
constexpr double kNormalQuantile = 1.959963984540054;

/// Share of `successes` in `trials` with its 95 % score interval (Wilson 1927), which stays inside 0 .. 1 and
/// is valid for few trials: 0 of 8 does not mean never. NaN for 0 trials.
Estimate wilson_interval(int64_t successes, int64_t trials);

}  // namespace patronus
