#pragma once
#include <ATen/Functions.h>
#include <ATen/TensorOperators.h>

#include <cstdint>
#include <utility>
#include <vector>

namespace patronus::test {

/// Start and end of the runs of non-white columns in a figure [3, H, W], merged over gaps of up to `gap`
/// columns.
inline std::vector<std::pair<int64_t, int64_t>> inked_columns(const at::Tensor& figure, int64_t gap) {
  const auto inked_tensor = (figure != 255).any(0).any(0);
  const auto inked = inked_tensor.accessor<bool, 1>();
  std::vector<std::pair<int64_t, int64_t>> runs;
  for (int64_t x = 0; x < inked.size(0); ++x) {
    if (!inked[x]) continue;
    if (runs.empty() || x - runs.back().second - 1 > gap) runs.emplace_back(x, x);
    runs.back().second = x;
  }
  return runs;
}

}  // namespace patronus::test
