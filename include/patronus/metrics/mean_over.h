#pragma once
#include <cstdint>
#include <vector>

namespace patronus {

/// A mean with its standard deviation; nothing is known of it where `count` is 0.
struct MeanOver {
  double mean = 0;
  double deviation = 0;   // NaN: not known
  int64_t count = 0;      // that it is the mean of
  const char* over = "";  // what they are: "folds"
};

/// What a deviation is of: all there is (squares divided by n), or a sample of it (by n - 1).
enum class Deviation { kPopulation, kSample };

/// Mean and deviation of `values`; a sample of one has no deviation (NaN).
MeanOver mean_over(const std::vector<double>& values, const char* over, Deviation of);

}  // namespace patronus
