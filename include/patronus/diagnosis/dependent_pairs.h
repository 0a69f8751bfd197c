#pragma once
#include <filesystem>
#include <string>
#include <vector>

namespace patronus {

/// Two attributes that depend on each other by what they are: "smile and frown exclude each other".
struct DependentPair {
  std::string attribute;
  std::string other;
  std::string reason;
};

/// Reads a CSV file with the columns `attribute`, `other` and `reason`. DataError where one is missing.
std::vector<DependentPair> read_dependent_pairs(const std::filesystem::path& path);

/// The pairs that ship for a kind of data (configs/<kind>-dependent.csv), none where there is no such file.
std::vector<DependentPair> shipped_dependent_pairs(const std::string& kind);

/// The reason why two attributes depend on each other, in either order; empty where none is known.
std::string dependence(const std::vector<DependentPair>& pairs, const std::string& a, const std::string& b);

}  // namespace patronus
