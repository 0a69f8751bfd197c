#include "patronus/diagnosis/dependent_pairs.h"

#include "patronus/core/config_files.h"
#include "patronus/core/error.h"
#include "patronus/io/table.h"

namespace patronus {

std::vector<DependentPair> read_dependent_pairs(const std::filesystem::path& path) {
  const Table table = read_csv(path);
  return with_context(path.string(), [&] {
    const size_t attribute = table.column("attribute"), other = table.column("other"),
                 reason = table.column("reason");
    std::vector<DependentPair> pairs;
    for (const auto& row : table.rows) pairs.push_back({row[attribute], row[other], row[reason]});
    return pairs;
  });
}

std::vector<DependentPair> shipped_dependent_pairs(const std::string& kind) {
  const auto path = shipped_configs() / (kind + "-dependent.csv");
  return std::filesystem::exists(path) ? read_dependent_pairs(path) : std::vector<DependentPair>{};
}

std::vector<DependentPair> values_of_one_column(const BinaryAttributes& attributes) {
  const auto& names = attributes.names;
  std::vector<DependentPair> pairs;
  for (size_t b = 0; b < names.size(); ++b) {
    for (size_t a = 0; a < b; ++a) {
      if (attributes.are_of_one_column(a, b))
        pairs.push_back({names[a], names[b], "values of the column " + attributes.columns[a]});
    }
  }
  return pairs;
}

std::string dependence(const std::vector<DependentPair>& pairs, const std::string& a, const std::string& b) {
  for (const auto& pair : pairs) {
    const bool is_this = (pair.attribute == a && pair.other == b) || (pair.attribute == b && pair.other == a);
    if (is_this) return pair.reason.empty() ? "depend on each other" : pair.reason;
  }
  return {};
}

}  // namespace patronus
