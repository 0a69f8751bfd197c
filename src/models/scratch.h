#pragma once
#include <algorithm>
#include <cstdint>
#include <vector>

namespace patronus {

/// Memory that a thread keeps between calls, as `thread_local Scratch<float>`: fresh memory costs more than
/// what the inner loops do in it. It only grows.
template <class Value>
class Scratch {
 public:
  /// So many values, with whatever was in them.
  Value* of(int64_t count) {
    values_.resize(std::max(values_.size(), static_cast<size_t>(count)));
    return values_.data();
  }

 private:
  std::vector<Value> values_;
};

}  // namespace patronus
