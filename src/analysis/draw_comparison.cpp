#include "analysis/draw_comparison.h"

#include <ATen/Functions.h>

#include <algorithm>
#include <span>

#include "patronus/analysis/grid_rows.h"
#include "patronus/core/evenly_spaced.h"
#include "patronus/core/pixels.h"
#include "patronus/core/text.h"
#include "patronus/figures/grid.h"
#include "patronus/run/record.h"

namespace patronus {
namespace {

/// At most 16 of the prototypes in order, evenly from first to last.
std::vector<int64_t> drawn_prototypes(const std::vector<int64_t>& order) {
  constexpr int64_t kMax = 16;
  std::vector<int64_t> drawn;
  for (const int64_t i : evenly_spaced(std::ssize(order), kMax)) drawn.push_back(order[i]);
  return drawn;
}

/// The images that activate a prototype most, with its most activated patch.
Canvas draw_strongest(const Encoding& encoding, int64_t prototype, const Dataset& images) {
  constexpr int64_t kImages = 3;
  const auto strongest = strongest_images(encoding, prototype, kImages);
  const auto pixels = to_pixels(images.images(strongest).cpu());
  const auto boxes = encoding.boxes.select(1, prototype).index_select(0, strongest);
  Grid grid;
  RowWriter row(grid);
  row.begin_row();
  for (int64_t i = 0; i < strongest.size(0); ++i) row.add(pixels[i], "", {outline_of(to_box(boxes[i]))});
  return draw_grid(grid);
}

void add_match(Grid& grid, const MatchedModel& other, int64_t k, const Dataset& images) {
  const int64_t match = other.matched.match[k];
  if (match == kUnassigned) {
    grid.rows.back().emplace_back(at::Tensor());
    grid.captions.back().emplace_back("no match: it has too few prototypes");
    return;
  }
  grid.rows.back().emplace_back(draw_strongest(other.model.encoding, match, images));
  grid.captions.back().push_back(other.model.names.label(match) + ": " +
                                 estimate_text(other.matched.spearman[k], 2));
}

std::string comparison_title(const RunComparison& c, size_t prototypes, size_t models) {
  std::string title = "Prototypes of " + c.reference.name +
                      ", most often found again first, and their matches in other runs with Spearman's "
                      "correlation: the images that activate each most";
  if (prototypes < c.order.size()) {
    title += "; " + std::to_string(prototypes) + " of " + std::to_string(c.order.size()) +
             ", evenly from first to last";
  }
  if (models < c.others.size())
    title += "; " + std::to_string(models) + " of " + pluralize(std::ssize(c.others), "run");
  return title;
}

}  // namespace

Canvas draw_comparison(const RunComparison& c, const Dataset& images) {
  const auto drawn = drawn_prototypes(c.order);
  const auto others = std::span(c.others).first(std::min(kMaxDrawnModels, c.others.size()));
  Grid grid{.column_labels = {c.reference.name}, .title = comparison_title(c, drawn.size(), others.size())};
  for (const auto& other : others) grid.column_labels.push_back(other.model.name);
  for (const int64_t k : drawn) {
    grid.row_labels.push_back(c.reference.names.label(k));
    grid.rows.push_back({draw_strongest(c.reference.encoding, k, images)});
    grid.captions.push_back(
        {"found in " + std::to_string(c.found_in[k]) + " of " + std::to_string(c.others.size())});
    for (const auto& other : others) add_match(grid, other, k, images);
  }
  return draw_grid(grid);
}

}  // namespace patronus
