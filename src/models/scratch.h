#pragma once
#include <algorithm>
#include <cstdint>
#include <vector>

namespace patronus {

/// Memory that a thread reuses between calls, declared `thread_local Scratch<float>`, since allocating would
/// cost more than the inner loops. It only grows.
template <class Value>
class Scratch {
 public:
  /// Returns memory for `count` values, uninitialised.
  Value* of(int64_t count) {
    values_.resize(std::max(values_.size(), static_cast<size_t>(count)));
    return values_.data();
  }

 private:
  std::vector<Value> values_;
};

}  // namespace patronus
