#include "patronus/metrics/wilson_interval.h"

#include <algorithm>
#include <cmath>

#include "patronus/core/unknown.h"

namespace patronus {

Estimate wilson_interval(int64_t successes, int64_t trials) {
  if (trials == 0) return {kNaN, kNaN, kNaN};
  constexpr double z = kNormalQuantile;
  const auto n = static_cast<double>(trials);
  const double p = static_cast<double>(successes) / n;
  const double centre = (p + z * z / (2 * n)) / (1 + z * z / n);
  const double half = z / (1 + z * z / n) * std::sqrt(p * (1 - p) / n + z * z / (4 * n * n));
  return {p, std::max(centre - half, 0.0), std::min(centre + half, 1.0)};
}

}  // namespace patronus
