#pragma once
#include <algorithm>
#include <cstdint>
#include <vector>

namespace patronus {

/// Memory that a thread keeps between calls, as `thread_local Scratch`: fresh memory costs more than what the
/// inner loops do in it. It only grows.
class Scratch {
 public:
  /// So many floats, with whatever was in them.
  float* of(int64_t floats) {
    values_.resize(std::max(values_.size(), static_cast<size_t>(floats)));
    return values_.data();
  }

 private:
  std::vector<float> values_;
};

}  // namespace patronus
