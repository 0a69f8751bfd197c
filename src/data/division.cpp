#include "data/division.h"

#include <algorithm>
#include <cmath>
#include <map>

#include "patronus/core/random.h"
#include "patronus/core/text.h"

namespace patronus {
namespace {

using Rows = std::vector<int64_t>;

/// Moves a share `test_fraction` of the images from `train` to `test`: at least one unless the share is 0,
/// and never all.
void hold_out(const std::vector<std::string>& names, double test_fraction, Rows& train, Rows& test) {
  std::vector<std::pair<uint64_t, int64_t>> order;
  for (const int64_t row : train) order.emplace_back(derive_seed(0, names[row]), row);
  std::sort(order.begin(), order.end());
  const auto share = static_cast<size_t>(std::llround(test_fraction * static_cast<double>(order.size())));
  const bool any = test_fraction > 0 && order.size() > 1;
  const size_t tests = any ? std::clamp<size_t>(share, 1, order.size() - 1) : 0;
  train.clear();
  for (size_t i = 0; i < order.size(); ++i) (i < tests ? test : train).push_back(order[i].second);
  std::sort(train.begin(), train.end());
  std::sort(test.begin(), test.end());
}

}  // namespace

std::optional<Split> parse_split(std::string_view word) {
  static const std::map<std::string, Split> kWords{
      {"train", Split::kTrain},      {"training", Split::kTrain},        {"val", Split::kValidation},
      {"valid", Split::kValidation}, {"validation", Split::kValidation}, {"test", Split::kTest},
      {"testing", Split::kTest}};
  const auto found = kWords.find(to_lower(word));
  return found == kWords.end() ? std::nullopt : std::optional(found->second);
}

Division divide(const std::vector<std::string>& names, const GivenSplits& given, double test_fraction) {
  Division division;
  for (size_t i = 0; i < given.size(); ++i)
    division.rows[given[i].value_or(Split::kTrain)].push_back(static_cast<int64_t>(i));
  Rows& test = division.rows[Split::kTest];
  if (!test.empty()) return division;
  test.swap(division.rows[Split::kValidation]);
  if (!test.empty()) {
    division.remark = "validation images are the test images";
  } else {
    hold_out(names, test_fraction, division.rows[Split::kTrain], test);
    division.remark =
        !test.empty() ? format_float(100 * test_fraction) + "% held out, chosen by name" : "none held out";
  }
  return division;
}

}  // namespace patronus
