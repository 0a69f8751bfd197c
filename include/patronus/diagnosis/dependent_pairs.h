#pragma once
#include <filesystem>
#include <string>
#include <vector>

#include "patronus/evaluation/representation.h"

namespace patronus {

/// Two attributes that depend on each other by definition: "smile and frown exclude each other".
struct DependentPair {
  std::string attribute;
  std::string other;
  std::string reason;
};

/// Reads a CSV file with the columns `attribute`, `other` and `reason`. Throws DataError if one is missing.
std::vector<DependentPair> read_dependent_pairs(const std::filesystem::path& path);

/// Shipped pairs for a kind of data (configs/<kind>-dependent.csv); empty without such a file.
std::vector<DependentPair> shipped_dependent_pairs(const std::string& kind);

/// The pairs of attributes that are values of one column, as those exclude each other.
std::vector<DependentPair> values_of_one_column(const BinaryAttributes& attributes);

/// Reason why two attributes, in either order, depend on each other; empty if none is known.
std::string dependence(const std::vector<DependentPair>& pairs, const std::string& a, const std::string& b);

}  // namespace patronus
