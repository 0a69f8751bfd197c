#include "data/describe_images.h"

#include <ATen/Functions.h>
#include <ATen/TensorOperators.h>

#include "patronus/core/random.h"
#include "patronus/core/text.h"
#include "patronus/core/to_vector.h"

namespace patronus {
namespace {

using Rows = std::vector<int64_t>;

std::string preprocessing_of(const DataConfig& config) {
  const std::string size = std::to_string(config.size);
  return std::to_string(config.channels) + " x " + size + " x " + size + ", " + to_string(config.resize);
}

/// Number of occurrences of each of 0 ... count - 1; skips unknown values.
std::vector<int64_t> value_counts(const at::Tensor& values, int64_t count) {
  const auto known = values.index_select(0, known_rows(values));
  return to_vector<int64_t>(at::bincount(known, {}, count));
}

/// All values of an attribute, with counts of 0.
AttributeCounts uncounted(const AttributeTable& table, size_t a) {
  const auto& words = table.value_names[a];
  AttributeCounts counts{.name = table.names[a], .yes_or_no = words.empty()};
  const int64_t values = words.empty() ? 2 : std::ssize(words);
  for (int64_t v = 0; v < values; ++v) counts.values.emplace_back(table.value_name(a, v), SplitCount());
  return counts;
}

std::string division_text(const DividedImages& divided) {
  const auto& [images, division] = divided;
  const bool both = !images.division.empty() && !division.remark.empty();
  return images.division + (both ? "; " : "") + division.remark;
}

template <class Number>
std::string chained_hash(const Rows& rows, Number number) {
  uint64_t hash = 0;
  for (const int64_t row : rows) hash = number(hash, static_cast<size_t>(row));
  return hexadecimal(hash);
}

/// Adds the entries of a split to the data set's identity.
void add_identity(DataReport& report, const std::string& split, const ListedImages& images,
                  const Rows& rows) {
  report.identity.emplace_back(split + " images", std::to_string(rows.size()));
  report.identity.emplace_back(
      "names of " + split + " images",
      chained_hash(rows, [&](uint64_t hash, size_t row) { return derive_seed(hash, images.names[row]); }));
  report.identity.emplace_back("sizes of " + split + " images",
                               chained_hash(rows, [&](uint64_t hash, size_t row) {
                                 return derive_seed(hash, "", images.stamps[row].identity);
                               }));
}

}  // namespace

void count_images(DataReport& report, const AttributeTable& attributes, Split split, const at::Tensor& rows) {
  report.images[split] = rows.size(0);
  for (size_t a = 0; a < report.attributes.size(); ++a) {
    AttributeCounts& counts = report.attributes[a];
    const auto values = attributes.values.select(1, static_cast<int64_t>(a)).index_select(0, rows);
    const auto found = value_counts(values, std::ssize(counts.values));
    for (size_t v = 0; v < found.size(); ++v) counts.values[v].second[split] = found[v];
    counts.unknown[split] = (values == kUnknown).sum().item<int64_t>();
  }
}

DataReport describe_images(const DataConfig& config, const DividedImages& divided) {
  const auto& [images, division] = divided;
  const bool drawn = config.kind == DataKind::kFaces;
  DataReport report{.kind = to_string(config.kind),
                    .path = drawn ? "" : config.path,
                    .shown = drawn ? to_string(config.kind) : shown_path(config).string()};
  report.preprocessing = preprocessing_of(config);
  report.division = division_text(divided);
  report.remarks = images.remarks;
  for (size_t a = 0; a < images.attributes.names.size(); ++a)
    report.attributes.push_back(uncounted(images.attributes, a));
  for (const Split split : kSplits)
    count_images(report, images.attributes, split, at::tensor(division.rows[split], at::kLong));
  report.left_out = images.left_out;
  for (const int64_t row : division.rows[Split::kValidation])
    report.left_out.add_minor("validation images", images.names[row]);
  add_identity(report, "training", images, division.rows[Split::kTrain]);
  add_identity(report, "test", images, division.rows[Split::kTest]);
  report.identity.emplace_back("preprocessing", report.preprocessing);
  return report;
}

}  // namespace patronus
