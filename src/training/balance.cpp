#include "training/balance.h"

#include <ATen/Functions.h>

#include <algorithm>

#include "patronus/core/error.h"
#include "patronus/core/hash.h"
#include "patronus/core/log.h"
#include "patronus/core/text.h"

namespace patronus {
namespace {

/// Number of combinations that the known values of the attributes could form.
int64_t possible_combinations(const AttributeTable& table) {
  int64_t possible = 1;
  for (const auto& column : table.values.unbind(1)) possible *= std::ssize(known_values(column));
  return possible;
}

void log_combinations(const std::vector<ValueCombination>& combinations, int64_t images) {
  constexpr size_t kNamed = 20;
  std::vector<std::string> counts;
  int64_t known = 0, rarest = images;
  for (const auto& [text, rows] : combinations) {
    if (counts.size() < kNamed) counts.push_back(text + ": " + std::to_string(rows.size(0)));
    known += rows.size(0);
    rarest = std::min(rarest, rows.size(0));
  }
  const double repeated =
      static_cast<double>(images) / static_cast<double>(std::ssize(combinations) * rarest);
  log_info(
      "training.balance: " + pluralize(std::ssize(combinations), "combination") +
      " drawn equally often: " + join(counts, "; ") + (combinations.size() > kNamed ? "; ..." : "") +
      "; the rarest comes " + format_fixed(repeated, 1) + " times as often as in the data" +
      (known == images ? "" : "; never drawn, as a value is unknown: " + std::to_string(images - known)));
}

}  // namespace

std::vector<ValueCombination> balanced_combinations(const std::vector<std::string>& attributes,
                                                    const AttributeTable& table) {
  if (attributes.empty()) return {};
  const AttributeTable balanced = with_context("training.balance", [&] { return table.columns(attributes); });
  const auto combinations = combinations_of_values(balanced);
  if (combinations.size() < 2) {
    throw ConfigError("training.balance: " +
                      (combinations.empty() ? "of no image all values are known"
                                            : "all images have " + combinations[0].text) +
                      "; expected two combinations of values or more");
  }
  log_combinations(combinations, balanced.values.size(0));
  if (const int64_t absent = possible_combinations(balanced) - std::ssize(combinations); absent > 0) {
    log_warning("training.balance: no image has " + pluralize(absent, "combination") +
                " of these values: what never comes apart is not drawn apart");
  }
  return combinations;
}

std::string combinations_hash(const std::vector<ValueCombination>& combinations) {
  uint64_t hash = 0;
  for (const auto& [text, rows] : combinations) {
    hash = hash_of(rows, hash_of(text, hash));
  }
  return hexadecimal(hash);
}

}  // namespace patronus
