#pragma once
#include <cstdint>
#include <vector>

namespace patronus {

/// A mean with its standard deviation; unknown if `count` is 0.
struct MeanOver {
  double mean = 0;
  double deviation = 0;   // NaN: unknown
  int64_t count = 0;      // number of values
  const char* over = "";  // kind of values: "folds"
};

/// Kind of standard deviation: of a population (squares divided by n) or of a sample (by n - 1).
enum class Deviation { kPopulation, kSample };

/// Mean and deviation of `values`; the deviation of a sample of one is NaN.
MeanOver mean_over(const std::vector<double>& values, const char* over, Deviation of);

}  // namespace patronus
