#include "analysis/manipulation_figures.h"

#include <ATen/Functions.h>
#include <ATen/TensorOperators.h>

#include <algorithm>
#include <cmath>

#include "analysis/grid_rows.h"
#include "patronus/core/error.h"
#include "patronus/core/math.h"
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

/// What was reached: the activation of the only changed prototype, or the share of the whole change.
std::string reached(const Manipulation& m, int64_t v, int64_t i, int64_t only) {
  if (only >= 0) return score(m.activation[v][i][only]) + " of " + score(m.asked[v][i][only]);
  const double gain = edit_effect(m, v, i).gain;
  return std::isnan(gain) ? "unchanged" : "gain " + fixed(gain, 2);
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

std::string sweep_title(const Manipulation& m) {
  if (!m.options.sweep) return "";
  const auto& prototypes = m.options.sweep->prototypes;
  if (prototypes.empty()) return "amount of the edit by example";
  std::vector<std::string> numbers;
  for (const int64_t k : prototypes) numbers.push_back(std::to_string(k));
  return "activation of prototype " + join(numbers);
}

}  // namespace

at::Tensor draw_manipulation(const Manipulation& m) {
  const int64_t count = std::min(kImages, m.image.size(1)), variants = m.image.size(0);
  const int64_t only = only_prototype(m);
  Grid grid;
  grid.title = sweep_title(m);
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
