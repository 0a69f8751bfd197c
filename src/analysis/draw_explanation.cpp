#include <ATen/Functions.h>
#include <ATen/TensorOperators.h>

#include <algorithm>
#include <cmath>

#include "patronus/analysis/explain.h"
#include "patronus/analysis/grid_rows.h"
#include "patronus/core/pixels.h"
#include "patronus/core/text.h"
#include "patronus/metrics/image_similarity.h"
#include "patronus/run/record.h"

namespace patronus {
namespace {

/// "97 %", rounded down, so that 100 % are all; "-" if unknown.
std::string percent(const at::Tensor& share) {
  return share.isnan().item<bool>() ? "-" : number_text(std::floor(100 * share.item<double>()), 0) + " %";
}

/// "higher than in 97 % of real images", or "lower than in 88 % ...".
std::string standing(const Explanations& all, int64_t i, int64_t column) {
  const auto below = all.percentile[i][column];
  if (below.isnan().item<bool>()) return "does not vary";
  return below.item<double>() >= 0.5 ? "higher than in " + percent(below)
                                     : "lower than in " + percent(1 - below);
}

void add_whole_image(RowWriter& rows, const Explanations& all, int64_t i) {
  const std::string count = std::to_string(all.strongest.size(1));
  rows.begin_row(all.original.files[i]);
  rows.add(to_pixels(all.original.original[i]), "image");
  const auto ratio = psnr(all.original.image.slice(0, i, i + 1), all.original.original.slice(0, i, i + 1));
  rows.add(to_pixels(all.original.image[i]),
           "regenerated,\n" + format_fixed(ratio.item<double>(), 0) + " dB");
  rows.add(to_pixels(all.kept[i]), count + " kept: " + percent(all.explained[i]) +
                                       "\nat random: " + percent(all.explained_at_random[i]));
  rows.add(to_pixels(all.typified[i]), "all typical");
}

void add_prototype(RowWriter& rows, const Explanations& all, int64_t i, int64_t rank,
                   const PrototypeNames& names) {
  const auto column = all.strongest[i][rank].item<int64_t>();
  const int64_t k = all.prototypes[column];
  const auto row = std::ranges::lower_bound(all.shown, k) - all.shown.begin();
  const auto original = to_pixels(all.original.original[i]);
  const Box box = to_box(all.boxes[i][column]);
  rows.begin_row(names.label(k) + "\n" + standing(all, i, column));
  rows.add(original,
           activation_text(all.original.activation[i][k]) + ",\ntypical " + activation_text(all.typical[k]),
           {outline_of(box)});
  rows.add(crop(original, box), "patch");
  int64_t drawn = 0;
  for (int64_t n = 0; n < all.nearest.image.size(1) && drawn < all.options.nearest; ++n) {
    const auto real = all.nearest_images[row][n];
    if (at::equal(real, all.original.original[i])) continue;  // names may be below other folders
    rows.add(crop(to_pixels(real), to_box(all.nearest.boxes[row][n])),
             "real\n" + activation_text(all.nearest.activation[row][n]));
    ++drawn;
  }
  rows.add(to_pixels(all.replaced[i][rank]),
           "typical:\nchange " + format_fixed(all.change[i][column].item<double>(), 3), {outline_of(box)});
  rows.add(to_pixels(all.replaced[i][rank] - all.original.image[i]),
           "inside " + percent(all.inside[i][column]) + ",\narea " + percent(all.area[i][column]),
           {outline_of(box)});
}

}  // namespace

Canvas draw_explanation(const Explanations& explanations, int64_t i, const PrototypeNames& names) {
  Grid grid;
  grid.cell_size = std::max<int64_t>(grid.cell_size, explanations.original.image.size(-1));
  RowWriter rows(grid);
  add_whole_image(rows, explanations, i);
  for (int64_t rank = 0; rank < explanations.strongest.size(1); ++rank)
    add_prototype(rows, explanations, i, rank, names);
  return draw_grid(grid);
}

}  // namespace patronus
