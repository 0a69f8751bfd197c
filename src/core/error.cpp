#include "patronus/core/error.h"

#include <algorithm>
#include <vector>

#include "patronus/core/text.h"

namespace patronus {
namespace {

/// Letters that are added, left out, replaced, or swapped with their neighbour.
size_t edit_distance(std::string_view a, std::string_view b) {
  std::vector<std::vector<size_t>> distance(a.size() + 1, std::vector<size_t>(b.size() + 1));
  for (size_t i = 0; i <= a.size(); ++i) {
    for (size_t j = 0; j <= b.size(); ++j) {
      if (i == 0 || j == 0) {
        distance[i][j] = i + j;
        continue;
      }
      const size_t replaced = distance[i - 1][j - 1] + (a[i - 1] != b[j - 1]);
      distance[i][j] = std::min({distance[i - 1][j] + 1, distance[i][j - 1] + 1, replaced});
      if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1])
        distance[i][j] = std::min(distance[i][j], distance[i - 2][j - 2] + 1);
    }
  }
  return distance[a.size()][b.size()];
}

/// Whether one begins with the other.
bool begins_with_other(std::string_view a, std::string_view b) {
  constexpr size_t kMinLetters = 2;
  const size_t shared = std::min(a.size(), b.size());
  return shared >= kMinLetters && a.substr(0, shared) == b.substr(0, shared);
}

}  // namespace

std::optional<size_t> nearest_name(std::string_view name, std::span<const std::string> candidates) {
  const std::string lower = to_lower(name);
  std::optional<size_t> best;
  size_t best_distance = name.size() / 3 + 1;
  std::vector<size_t> longer_or_shorter;
  for (size_t i = 0; i < candidates.size(); ++i) {
    const std::string candidate = to_lower(candidates[i]);
    const size_t distance = edit_distance(lower, candidate);
    if (distance < best_distance) {
      best_distance = distance;
      best = i;
    }
    if (begins_with_other(lower, candidate)) longer_or_shorter.push_back(i);
  }
  if (!best && longer_or_shorter.size() == 1) return longer_or_shorter.front();
  return best;
}

std::string did_you_mean(std::string_view name, std::span<const std::string> candidates) {
  const auto best = nearest_name(name, candidates);
  return best ? "; did you mean " + candidates[*best] + "?" : "";
}

size_t index_of(std::string_view name, std::span<const std::string> names, const std::string& what) {
  const auto found = std::find(names.begin(), names.end(), name);
  if (found != names.end()) return static_cast<size_t>(found - names.begin());
  throw ConfigError(what + " expected " + (names.empty() ? "none" : join_or(names)) +
                    did_you_mean(name, names));
}

}  // namespace patronus
