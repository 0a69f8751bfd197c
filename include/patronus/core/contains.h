#pragma once
#include <algorithm>
#include <iterator>

namespace patronus {

/// Whether `sequence` contains `value`.
template <class Sequence, class Value>
bool contains(const Sequence& sequence, const Value& value) {
  return std::find(std::begin(sequence), std::end(sequence), value) != std::end(sequence);
}

}  // namespace patronus
