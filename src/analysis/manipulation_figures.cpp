#include "analysis/manipulation_figures.h"

#include <ATen/Functions.h>
#include <ATen/TensorOperators.h>

#include <algorithm>
#include <cmath>

#include "patronus/analysis/grid_rows.h"
#include "patronus/core/error.h"
#include "patronus/core/pixels.h"
#include "patronus/io/table.h"

namespace patronus {
namespace {

constexpr int64_t kImages = 16;

std::vector<Rect> changed_boxes(const Manipulation& m, int64_t v, int64_t i) {
  std::vector<Rect> boxes;
  for (const int64_t k : most_changed(m, v, i)) boxes.push_back(rect_of(box_from(m.boxes[v][i][k])));
  return boxes;
}

/// The only prototype that is asked to change, or -1.
int64_t only_prototype(const Manipulation& m) {
  const auto changed = (m.asked != m.original.activation).flatten(0, 1).any(0);
  return changed.sum().item<int64_t>() == 1 ? changed.nonzero()[0][0].item<int64_t>() : -1;
}

/// What was reached: the activation of the only changed prototype, or the share of the whole change; after a
/// search also at what strength.
std::string reached(const Manipulation& m, int64_t v, int64_t i, int64_t only) {
  const std::string by = m.arrived.defined() ? ", w " + fixed(m.strength[v][i].item<double>(), 1) : "";
  if (only >= 0) return score(m.activation[v][i][only]) + " of " + score(m.asked[v][i][only]) + by;
  const double gain = edit_effect(m, v, i).gain;
  return std::isnan(gain) ? "unchanged" : "gain " + fixed(gain, 2) + by;
}

/// Differences around middle gray, in one scale for all images.
at::Tensor difference_pixels(const Manipulation& m, int64_t count) {
  const auto difference = (m.image[0] - m.original.image).slice(0, 0, count);
  return to_pixels(difference / difference.abs().max().clamp_min(1e-6));
}

std::vector<std::string> column_labels(const Manipulation& m) {
  std::vector<std::string> labels{"original", "regenerated"};
  labels.insert(labels.end(), m.variants.begin(), m.variants.end());
  if (m.variants.size() == 1) labels.push_back("difference");
  return labels;
}

std::string title(const Manipulation& m, const PrototypeNames& names) {
  std::vector<std::string> labels;
  const auto add = [&](const std::vector<int64_t>& prototypes) {
    for (const int64_t k : prototypes) labels.push_back(names.label(k));
  };
  if (!m.options.sweep) {
    for (const auto& edit : m.options.edits) add(edit.prototypes);
    return labels.empty() ? "" : "prototype " + join(labels);
  }
  add(m.options.sweep->prototypes);
  return labels.empty() ? "amount of the edit by example" : "activation of prototype " + join(labels);
}

}  // namespace

Canvas draw_manipulation(const Manipulation& m, const PrototypeNames& names) {
  const int64_t count = std::min(kImages, m.image.size(1)), variants = m.image.size(0);
  const int64_t only = only_prototype(m);
  Grid grid;
  grid.title = title(m, names);
  grid.column_labels = column_labels(m);
  grid.cell_size = std::max<int64_t>(128, m.image.size(-1));
  const at::Tensor differences = variants == 1 ? difference_pixels(m, count) : at::Tensor();
  RowWriter rows(grid);
  for (int64_t i = 0; i < count; ++i) {
    rows.begin_row(m.original.files[static_cast<size_t>(i)]);
    rows.add(to_pixels(m.original.original[i]));
    rows.add(to_pixels(m.original.image[i]), only >= 0 ? score(m.original.activation[i][only]) : "");
    for (int64_t v = 0; v < variants; ++v) {
      rows.add(to_pixels(m.image[v][i]), reached(m, v, i, only), changed_boxes(m, v, i));
    }
    if (variants == 1) rows.add(differences[i], "", changed_boxes(m, 0, i));
  }
  return draw_grid(grid);
}

}  // namespace patronus
