#include <ATen/Functions.h>
#include <ATen/TensorOperators.h>

#include <algorithm>
#include <cmath>
#include <optional>
#include <set>

#include "patronus/analysis/grid_rows.h"
#include "patronus/analysis/manipulate.h"
#include "patronus/core/contains.h"
#include "patronus/core/pixels.h"
#include "patronus/core/text.h"

namespace patronus {
namespace {

constexpr int64_t kImages = 16;       // images shown with one row each
constexpr int64_t kImagesOfMany = 4;  // images shown with one grid each, or in columns of every row

/// The prototypes with boxes in the first `count` images, in the order of their colours. Empty if there is
/// only one, or if there are more than colours: boxes then have no key.
std::vector<int64_t> colored_prototypes(const Manipulation& m, int64_t count) {
  std::set<int64_t> boxed;
  for (int64_t v = 0; v < m.image.size(0); ++v) {
    for (int64_t i = 0; i < count; ++i) {
      const auto changed = most_changed(m, v, i);
      boxed.insert(changed.begin(), changed.end());
    }
  }
  if (boxed.size() == 1 || std::ssize(boxed) > kColors) return {};
  return {boxed.begin(), boxed.end()};
}

std::vector<Outline> changed_boxes(const Manipulation& m, int64_t v, int64_t i,
                                   const std::vector<int64_t>& colored = {}) {
  std::vector<Outline> boxes;
  for (const int64_t k : most_changed(m, v, i)) {
    const auto place = std::find(colored.begin(), colored.end(), k);
    boxes.push_back(outline_of(to_box(m.boxes[v][i][k]),
                               place == colored.end() ? Outline::kNoKey : place - colored.begin()));
  }
  return boxes;
}

/// The only prototype for which any variant requests a change, or -1 if there is not exactly one.
int64_t only_prototype(const Manipulation& m) {
  const auto changed = (m.target != m.original.activation).flatten(0, 1).any(0);
  return changed.sum().item<int64_t>() == 1 ? changed.nonzero()[0][0].item<int64_t>() : -1;
}

/// Outcome of the strength search, appended to captions: the strength, and "not reached" if the search
/// failed; or that too little is requested to search. Empty without a search.
std::string search_text(const Manipulation& m, int64_t v, int64_t i) {
  if (!m.arrived.defined()) return "";
  if (std::isnan(edit_effect(m, v, i).gain)) return ", little\u00a0asked";
  return ", strength\u00a0" + format_fixed(m.strength[v][i].item<double>(), 1) +
         (m.arrived[v][i].item<bool>() ? "" : ", not\u00a0reached");
}

/// Caption of a variant: reached and requested activation of prototype `only` or, if that is -1, the gain of
/// the whole change.
std::string reached(const Manipulation& m, int64_t v, int64_t i, int64_t only) {
  const std::string search = search_text(m, v, i);
  if (only >= 0)
    return activation_text(m.activation[v][i][only]) + " of " + activation_text(m.target[v][i][only]) +
           search;
  if (most_changed(m, v, i).empty()) return "unchanged";
  const double gain = edit_effect(m, v, i).gain;
  return std::isnan(gain) ? "little asked" : "gain " + format_fixed(gain, 2) + search;
}

/// Difference of the first images under variant 0 from those regenerated without an edit.
struct Differences {
  // uint8 [n, C, S, S]; middle gray is no change, black or white the largest change over all n images
  at::Tensor pixels;
  double scale;  // factor by which the differences are multiplied
};

Differences differences(const Manipulation& m, int64_t count) {
  const auto difference = (m.image[0] - m.original.image).slice(0, 0, count);
  const double largest = difference.abs().max().item<double>();
  const double scale = largest < 1e-6 ? 1 : 1 / largest;
  return {to_pixels(difference * scale), scale};
}

std::vector<std::string> column_labels(const Manipulation& m, const std::optional<Differences>& shown) {
  std::vector<std::string> labels{"original", "regenerated"};
  labels.insert(labels.end(), m.variants.begin(), m.variants.end());
  if (shown) labels.push_back("difference × " + format_significant(shown->scale, 2));
  return labels;
}

/// "prototype 7: eyeglasses", "prototypes 3, 12".
std::string prototypes_text(const std::vector<int64_t>& prototypes, const PrototypeNames& names) {
  std::vector<std::string> labels;
  for (const int64_t k : prototypes) labels.push_back(names.label(k));
  return (labels.size() == 1 ? "prototype " : "prototypes ") + join(labels);
}

std::string title(const Manipulation& m, const EditSweep& sweep, const PrototypeNames& names) {
  return sweep.prototypes.empty() ? "amount of the edit " + m.options.example
                                  : "activation of " + prototypes_text(sweep.prototypes, names);
}

std::string title(const Manipulation& m, const PrototypeNames& names) {
  if (!m.options.sweeps.empty()) return title(m, m.options.sweeps.front(), names);
  std::vector<int64_t> edited;
  for (const auto& edit : m.options.edits) {
    std::ranges::copy_if(edit.prototypes, std::back_inserter(edited),
                         [&](int64_t k) { return !contains(edited, k); });
  }
  std::vector<std::string> parts;
  if (!edited.empty()) parts.push_back(prototypes_text(edited, names));
  if (m.options.direction.defined()) parts.push_back("edit " + m.options.example);
  return join(parts);
}

/// One row per image.
Canvas draw_variants(const Manipulation& m, const PrototypeNames& names) {
  const int64_t count = std::min(kImages, m.image.size(1)), variants = m.image.size(0);
  const int64_t only = only_prototype(m);
  Grid grid;
  grid.title = title(m, names);
  const auto shown = variants == 1 ? std::optional(differences(m, count)) : std::nullopt;
  grid.column_labels = column_labels(m, shown);
  grid.cell_size = std::max<int64_t>(128, m.image.size(-1));
  const auto colored = colored_prototypes(m, count);
  for (const int64_t k : colored) grid.key.push_back("prototype " + names.label(k));
  RowWriter rows(grid);
  for (int64_t i = 0; i < count; ++i) {
    rows.begin_row(m.original.files[i]);
    rows.add(to_pixels(m.original.original[i]));
    rows.add(to_pixels(m.original.image[i]),
             only >= 0 ? activation_text(m.original.activation[i][only]) : "");
    for (int64_t v = 0; v < variants; ++v) {
      rows.add(to_pixels(m.image[v][i]), reached(m, v, i, only), changed_boxes(m, v, i, colored));
    }
    if (shown) rows.add(shown->pixels[i], "", changed_boxes(m, 0, i, colored));
  }
  return draw_grid(grid);
}

/// Caption of a variant of two sweeps: the re-encoded activations of the swept prototypes if each sweep has
/// exactly one, else the gain.
std::string reached_by_sweeps(const Manipulation& m, int64_t v, int64_t i) {
  std::vector<std::string> scores;
  for (const auto& sweep : m.options.sweeps) {
    if (sweep.prototypes.size() != 1) return reached(m, v, i, -1);
    scores.push_back(activation_text(m.activation[v][i][sweep.prototypes.front()]));
  }
  return join(scores) + search_text(m, v, i);
}

/// Grid of image `i` under two sweeps: values of the first one downwards, of the second one to the right. A
/// further column has the original and the regenerated image, which belong to none of these values.
Canvas draw_swept_grid(const Manipulation& m, int64_t i) {
  const auto &down = m.values[0], &across = m.values[1];
  const auto columns = std::ssize(across);
  Grid grid;
  grid.title = m.original.files[i];
  grid.column_labels = across;
  grid.cell_size = std::max<int64_t>(96, m.image.size(-1));
  RowWriter rows(grid);
  for (int64_t row = 0; row < std::ssize(down); ++row) {
    rows.begin_row(down[row]);
    for (int64_t v = row * columns; v < (row + 1) * columns; ++v) {
      rows.add(to_pixels(m.image[v][i]), reached_by_sweeps(m, v, i));
    }
    if (row == 0) rows.add(to_pixels(m.original.original[i]), "original");
    if (row == 1) rows.add(to_pixels(m.original.image[i]), "regenerated");
  }
  return draw_grid(grid);
}

Canvas draw_swept_grids(const Manipulation& m, const PrototypeNames& names) {
  std::vector<Canvas> grids;
  for (int64_t i = 0; i < std::min(kImagesOfMany, m.image.size(1)); ++i)
    grids.push_back(draw_swept_grid(m, i));
  return draw_blocks(grids, "down: " + title(m, m.options.sweeps[0], names) +
                                "; to the right: " + title(m, m.options.sweeps[1], names));
}

/// One row per contrast.
Canvas draw_contrasts(const Manipulation& m, const PrototypeNames& names) {
  const int64_t count = std::min(kImagesOfMany, m.image.size(1));
  Grid grid;
  grid.title =
      "Captured attributes, suppressed and enhanced\n"
      "Below: activation that is reached, of the one asked for";
  for (int64_t i = 0; i < count; ++i) {
    const std::string& file = m.original.files[i];
    grid.column_labels.insert(grid.column_labels.end(),
                              {file + "\nsuppressed", file + "\nregenerated", file + "\nenhanced"});
  }
  grid.cell_size = std::max<int64_t>(96, m.image.size(-1));
  RowWriter rows(grid);
  for (size_t c = 0; c < m.options.contrasts.size(); ++c) {
    const auto& [name, k] = m.options.contrasts[c];
    const int64_t suppressed = 2 * static_cast<int64_t>(c), enhanced = suppressed + 1;
    rows.begin_row(name + ": " + names.label(k));
    for (int64_t i = 0; i < count; ++i) {
      const auto add = [&](int64_t v) {
        rows.add(to_pixels(m.image[v][i]), reached(m, v, i, k), changed_boxes(m, v, i));
      };
      add(suppressed);
      rows.add(to_pixels(m.original.image[i]), activation_text(m.original.activation[i][k]));
      add(enhanced);
    }
  }
  return draw_grid(grid);
}

}  // namespace

Canvas draw_manipulation(const Manipulation& m, const PrototypeNames& names) {
  if (!m.options.contrasts.empty()) return draw_contrasts(m, names);
  return m.options.sweeps.size() == 2 ? draw_swept_grids(m, names) : draw_variants(m, names);
}

}  // namespace patronus
