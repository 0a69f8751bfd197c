#pragma once
#include <cmath>
#include <nlohmann/json.hpp>
#include <string>

#include "patronus/io/table.h"

namespace patronus {

/// A number of a result in a table: seven digits, or an empty cell where it is not known (not finite).
inline std::string number_cell(double value) {
  return std::isfinite(value) ? decimal(value) : "";
}

/// A number of a result in JSON: null where it is not known.
inline nlohmann::ordered_json number_json(double value) {
  return std::isfinite(value) ? nlohmann::ordered_json(value) : nlohmann::ordered_json();
}

}  // namespace patronus
