#include "data/describe_images.h"

#include <ATen/Functions.h>
#include <ATen/TensorOperators.h>

#include "patronus/core/random.h"
#include "patronus/core/text.h"

namespace patronus {
namespace {

using Rows = std::vector<int64_t>;

std::string preprocessing_of(const DataConfig& config) {
  const std::string size = std::to_string(config.size);
  return std::to_string(config.channels) + " x " + size + " x " + size + ", " + to_string(config.resize);
}

/// How often values 0 ... count - 1 are in a column.
std::vector<int64_t> value_counts(const at::Tensor& values, int64_t count) {
  const auto known = values.index_select(0, known_rows(values));
  const auto counts = at::bincount(known, {}, count);
  return {counts.const_data_ptr<int64_t>(), counts.const_data_ptr<int64_t>() + counts.numel()};
}

std::vector<AttributeCounts> count_attributes(const AttributeTable& train, const AttributeTable& test) {
  std::vector<AttributeCounts> all;
  for (size_t a = 0; a < train.names.size(); ++a) {
    const auto of_train = train.values.select(1, static_cast<int64_t>(a)).contiguous();
    const auto of_test = test.values.select(1, static_cast<int64_t>(a)).contiguous();
    const auto& words = train.words[a];
    AttributeCounts& counts = all.emplace_back();
    counts.name = train.names[a];
    counts.yes_or_no = words.empty();
    const int64_t values = words.empty() ? 2 : std::ssize(words);
    const auto in_train = value_counts(of_train, values), in_test = value_counts(of_test, values);
    for (size_t v = 0; v < static_cast<size_t>(values); ++v) {
      counts.values.push_back({words.empty() ? std::to_string(v) : words[v], {in_train[v], in_test[v]}});
    }
    counts.unknown = {(of_train == kUnknown).sum().item<int64_t>(),
                      (of_test == kUnknown).sum().item<int64_t>()};
  }
  return all;
}

std::string division_text(const DividedImages& divided) {
  const auto& [images, division] = divided;
  const bool both = !images.division.empty() && !division.remark.empty();
  return images.division + (both ? "; " : "") + division.remark;
}

template <class Number>
std::string hash_of(const Rows& rows, Number number) {
  uint64_t hash = 0;
  for (const int64_t row : rows) hash = number(hash, static_cast<size_t>(row));
  return hexadecimal(hash);
}

/// The entries of a half in the data set's identity.
void add_identity(DataReport& report, const std::string& half, const ListedImages& images, const Rows& rows) {
  report.identity.emplace_back(half + " images", std::to_string(rows.size()));
  report.identity.emplace_back("names of " + half + " images", hash_of(rows, [&](uint64_t hash, size_t row) {
                                 return derive_seed(hash, images.names[row]);
                               }));
  report.identity.emplace_back("sizes of " + half + " images", hash_of(rows, [&](uint64_t hash, size_t row) {
                                 return derive_seed(hash, "", images.stamps[row].identity);
                               }));
}

}  // namespace

DataReport describe_images(const DataConfig& config, const DividedImages& divided) {
  const auto& [images, division] = divided;
  const bool drawn = config.kind == DataKind::kFaces;
  DataReport report{.kind = to_string(config.kind),
                    .path = drawn ? "" : config.path,
                    .shown = drawn ? to_string(config.kind) : shown_path(config).string()};
  report.preprocessing = preprocessing_of(config);
  report.images = {std::ssize(division.train), std::ssize(division.test)};
  report.division = division_text(divided);
  report.remarks = images.remarks;
  report.attributes = count_attributes(images.attributes.rows(at::tensor(division.train, at::kLong)),
                                       images.attributes.rows(at::tensor(division.test, at::kLong)));
  report.left_out = images.left_out;
  for (const int64_t row : division.neither)
    report.left_out.add_minor("validation images", images.names[row]);
  add_identity(report, "training", images, division.train);
  add_identity(report, "test", images, division.test);
  report.identity.emplace_back("preprocessing", report.preprocessing);
  return report;
}

}  // namespace patronus
