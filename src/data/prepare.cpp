#include "patronus/data/prepare.h"

#include <ATen/Functions.h>
#include <ATen/TensorOperators.h>

#include <algorithm>
#include <numeric>

#include "patronus/core/pixels.h"
#include "patronus/core/random.h"

namespace patronus {
namespace {

constexpr int64_t kColumns = 10;
constexpr size_t kMaxRows = 14;

/// Adds a row to the contact sheet, with images drawn from those at `candidates`. Does nothing if there are
/// none, or if the sheet is full.
void add_row(Grid& sheet, const std::string& label, const Dataset& images, const at::Tensor& candidates) {
  if (candidates.size(0) == 0 || sheet.rows.size() >= kMaxRows) return;
  const auto drawn = draw_indices(candidates.size(0), kColumns, derive_seed(0, "contact sheet"));
  std::vector<Picture> row;
  for (const auto& pixels : to_pixels(images.images(candidates.index_select(0, drawn))).unbind(0))
    row.emplace_back(pixels);
  sheet.rows.push_back(std::move(row));
  sheet.row_labels.push_back(label);
}

/// Adds a row for each value of each attribute, as far as the sheet has room: attributes with the fewest
/// values first, those with and those without each under the other.
void add_attribute_rows(Grid& sheet, const Dataset& images) {
  const AttributeTable& table = images.attributes();
  std::vector<size_t> order(table.names.size());
  std::iota(order.begin(), order.end(), 0);
  std::ranges::stable_sort(order, {}, [&](size_t a) { return table.value_names[a].size(); });
  for (const size_t a : order) {
    const auto values = table.values.select(1, static_cast<int64_t>(a));
    const auto add = [&](const std::string& label, int64_t value) {
      add_row(sheet, label, images, (values == value).nonzero().squeeze(1));
    };
    const auto& words = table.value_names[a];
    if (words.empty()) {
      add(table.names[a], 1);
      add("not " + table.names[a], 0);
    }
    for (size_t value = 0; value < words.size(); ++value)
      add(table.names[a] + " " + words[value], static_cast<int64_t>(value));
  }
}

}  // namespace

PreparedData prepare_data(const DataConfig& config) {
  DataListing listing(config);
  PreparedData prepared;
  const Dataset train = listing.open(Split::kTrain);
  add_row(prepared.contact_sheet, "training", train, at::arange(train.size()));
  for (const Split split : {Split::kTest, Split::kValidation}) {
    if (listing.size(split) == 0) continue;
    const Dataset images = listing.open(split);
    add_row(prepared.contact_sheet, to_string(split), images, at::arange(images.size()));
  }
  add_attribute_rows(prepared.contact_sheet, train);
  prepared.contact_sheet.title = "Images drawn at random";
  if (!train.attributes().names.empty())
    prepared.contact_sheet.title += "; of attributes, training images that have them";
  prepared.statistics = pixel_statistics(train);
  prepared.survey = survey_images(listing);
  prepared.report = listing.report();
  return prepared;
}

}  // namespace patronus
