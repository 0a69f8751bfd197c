#pragma once
#include <cmath>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "patronus/io/table.h"
#include "patronus/metrics/bootstrap.h"

namespace patronus {

/// A number of a result in a table: seven digits, or an empty cell where it is not known (not finite).
inline std::string number_cell(double value) {
  return std::isfinite(value) ? decimal(value) : "";
}

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
