#pragma once
#include <ATen/core/Tensor.h>

#include <cmath>
#include <cstdint>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "patronus/io/table.h"
#include "patronus/metrics/bootstrap.h"

namespace patronus {

/// The numbers of a matrix, [rows, columns], with the prototypes that its rows and columns belong to.
/// `corner`: the head of the first column, of the rows' prototypes.
Table matrix_table(const std::string& corner, const std::vector<int64_t>& rows,
                   const std::vector<int64_t>& columns, const at::Tensor& numbers);

/// A number of a result in JSON: null where it is not known.
inline nlohmann::ordered_json number_json(double value) {
  return std::isfinite(value) ? nlohmann::ordered_json(value) : nlohmann::ordered_json();
}

/// Appends an estimate to a table's row as three cells: value, low and high.
inline void append_estimate(std::vector<std::string>& row, const Estimate& e) {
  for (const double number : {e.value, e.low, e.high}) row.push_back(number_cell(number));
}

/// {"value", "low", "high"} of an estimate in JSON.
inline nlohmann::ordered_json estimate_json(const Estimate& e) {
  return {{"value", number_json(e.value)}, {"low", number_json(e.low)}, {"high", number_json(e.high)}};
}

/// "0.61 (0.52 to 0.70)" for an estimate in words, or "-" where it is not known.
inline std::string estimate_text(const Estimate& e, int digits) {
  if (!std::isfinite(e.value)) return "-";
  return fixed(e.value, digits) + " (" + fixed(e.low, digits) + " to " + fixed(e.high, digits) + ")";
}

}  // namespace patronus
