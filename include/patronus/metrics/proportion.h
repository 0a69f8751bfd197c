#pragma once
#include <cstdint>

#include "patronus/metrics/bootstrap.h"

namespace patronus {

/// The share of `successes` among `trials` with its 95 % score interval (Wilson 1927), which stays inside
/// 0 .. 1 and holds for few trials, where 0 of 8 is no proof of never. NaN of no trials.
Estimate proportion(int64_t successes, int64_t trials);

}  // namespace patronus
