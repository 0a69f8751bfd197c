#pragma once
#include <ATen/core/Tensor.h>

#include <cstdint>
#include <vector>

namespace patronus {

/// `best_assignment` of a row that has no column.
inline constexpr int64_t kUnassigned = -1;

/// Assigns rows to columns of `gain` [P, Q] (any floating-point type, finite, on the CPU) one to one so that
/// the sum of their gains is largest. Returns the column of each row, [P]. min(P, Q) rows have one, as many
/// as there can be even where gains are negative; the others are kUnassigned. Takes O(min(P, Q)² max(P, Q))
/// steps.
std::vector<int64_t> best_assignment(const at::Tensor& gain);

}  // namespace patronus
