#pragma once
#include <algorithm>
#include <cstdint>
#include <vector>

namespace patronus {

/// At most `most` (at least 1) of the positions 0 .. count - 1, evenly spaced from the first to the last.
inline std::vector<int64_t> evenly_spaced(int64_t count, int64_t most) {
  const int64_t chosen = std::min(count, most);
  std::vector<int64_t> positions;
  for (int64_t i = 0; i < chosen; ++i)
    positions.push_back(i * (count - 1) / std::max<int64_t>(chosen - 1, 1));
  return positions;
}

}  // namespace patronus
