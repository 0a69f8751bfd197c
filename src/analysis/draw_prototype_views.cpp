#include "patronus/analysis/draw_prototype_views.h"

#include <ATen/Functions.h>
#include <ATen/TensorOperators.h>

#include <algorithm>
#include <cmath>

#include "patronus/analysis/activation_map.h"
#include "patronus/analysis/grid_rows.h"
#include "patronus/core/pixels.h"
#include "patronus/core/text.h"
#include "patronus/figures/grid.h"
#include "patronus/figures/heat_map.h"
#include "patronus/run/record.h"

namespace patronus {
namespace {

const char* const kDifference = "difference\n(gray: none)";

/// Pixels and texts for row `k` of the views. `candidate` counts as in the views, not by rank.
struct View {
  const PrototypeViews& views;
  int64_t k;

  int64_t prototype() const { return views.prototypes[k]; }
  int64_t on_sheet() const { return views.shown[k].item<int64_t>(); }
  std::string target(int64_t candidate) const { return activation_text(views.target[k][candidate]); }
  std::string effect() const { return effect_text(views, k); }

  std::string file(int64_t candidate) const { return views.candidates.files[candidate]; }
  at::Tensor original(int64_t candidate) const { return to_pixels(views.candidates.original[candidate]); }
  at::Tensor enhanced(int64_t candidate) const { return to_pixels(views.image[k][candidate]); }
  /// Change by the edit: gray is none; half the pixel range or more is black or white.
  at::Tensor difference(int64_t candidate) const {
    return to_pixels(views.image[k][candidate] - views.candidates.image[candidate]);
  }
  Box box(int64_t candidate) const { return to_box(views.boxes[k][candidate]); }
  std::string before(int64_t candidate) const {
    return activation_text(views.candidates.activation[candidate][prototype()]);
  }
  std::string after(int64_t candidate) const {
    return activation_text(views.activation[k][candidate][prototype()]);
  }

  int64_t real_count() const { return views.nearest.image.size(1); }
  std::string real_file(int64_t i) const { return views.nearest.files[k][i]; }
  at::Tensor real(int64_t i) const { return to_pixels(views.nearest_images[k][i]); }
  Box real_box(int64_t i) const { return to_box(views.nearest.boxes[k][i]); }
  std::string real_score(int64_t i) const { return activation_text(views.nearest.activation[k][i]); }
};

Canvas draw_sheet_block(const View& view, const PrototypeNames& names) {
  constexpr int64_t kRealPatches = 3;
  const int64_t best = view.on_sheet();
  Grid grid;
  grid.title = names.label(view.prototype()) + ": " + view.effect();
  grid.cell_size = std::max(grid.cell_size, view.views.image.size(-1));
  RowWriter row(grid);
  row.begin_row();
  row.add(view.original(best), "original\n" + view.before(best));
  row.add(view.enhanced(best), "enhanced\n" + view.after(best) + " of " + view.target(best),
          {outline_of(view.box(best))});
  row.add(view.difference(best), kDifference, {outline_of(view.box(best))});
  row.add(crop(view.enhanced(best), view.box(best)), "patch");
  for (int64_t i = 0; i < std::min(kRealPatches, view.real_count()); ++i) {
    row.add(crop(view.real(i), view.real_box(i)), "real\n" + view.real_score(i));
  }
  return draw_grid(grid);
}

/// Activation maps of the shown candidates, originals and enhanced, on a common scale.
struct HeatMaps {
  at::Tensor original;  // [B, size, size], from 0 to 1
  at::Tensor enhanced;
  std::string scale;  // legend: the activations at 0 and 1
};

HeatMaps heat_maps(PrototypeEncoder encoder, const View& view, const at::Tensor& shown, int64_t size) {
  const auto original =
      activation_maps(encoder, view.views.candidates.original.index_select(0, shown), view.prototype(), size);
  const auto enhanced =
      activation_maps(encoder, view.views.image[view.k].index_select(0, shown), view.prototype(), size);
  const auto both = at::cat({original, enhanced});
  const auto low = both.min(), range = (both.max() - low).clamp_min(1e-6);
  return {(original - low) / range, (enhanced - low) / range,
          "dark " + activation_text(low) + " to light " + activation_text(low + range)};
}

void add_candidates(RowWriter& rows, const View& view, const at::Tensor& shown, const HeatMaps& heat) {
  const int64_t count = shown.size(0);
  const auto candidate = [&](int64_t rank) { return shown[rank].item<int64_t>(); };
  rows.begin_row("original");
  for (int64_t i = 0; i < count; ++i) rows.add(view.original(candidate(i)), view.before(candidate(i)));
  rows.begin_row("activation before,\n" + heat.scale);
  for (int64_t i = 0; i < count; ++i) {
    rows.add(draw_heat_map(heat.original[i], view.original(candidate(i))));
  }
  rows.begin_row("enhanced");
  for (int64_t i = 0; i < count; ++i) {
    const int64_t c = candidate(i);
    rows.add(view.enhanced(c), view.after(c) + " of " + view.target(c), {outline_of(view.box(c))});
  }
  rows.begin_row("activation after,\n" + heat.scale);
  for (int64_t i = 0; i < count; ++i) {
    rows.add(draw_heat_map(heat.enhanced[i], view.enhanced(candidate(i))));
  }
  rows.begin_row(kDifference);
  for (int64_t i = 0; i < count; ++i) {
    rows.add(view.difference(candidate(i)), "", {outline_of(view.box(candidate(i)))});
  }
  rows.begin_row("patch");
  for (int64_t i = 0; i < count; ++i) rows.add(crop(view.enhanced(candidate(i)), view.box(candidate(i))));
}

void add_real_patches(RowWriter& rows, const View& view, int64_t count) {
  if (count == 0) return;
  rows.begin_row("real image");
  for (int64_t i = 0; i < count; ++i)
    rows.add(view.real(i), view.real_file(i), {outline_of(view.real_box(i))});
  rows.begin_row("real patch");
  for (int64_t i = 0; i < count; ++i) rows.add(crop(view.real(i), view.real_box(i)), view.real_score(i));
}

}  // namespace

std::string effect_text(const PrototypeViews& views, int64_t k) {
  const double gained = views.gain[k].item<double>();
  if (std::isnan(gained)) return "cannot be raised";
  const auto place = std::find(views.order.begin(), views.order.end(), k) - views.order.begin();
  if (place >= std::ssize(views.order) - views.without_effect)
    return "hardly any effect, " + format_fixed(views.reached_share[k].item<double>(), 2) +
           " of what is asked arrives";
  return number_text(views.effect[k].item<double>(), 1, kSigned) + " sd, median gain " +
         format_fixed(gained, 2);
}

Canvas draw_prototype_sheet(const PrototypeViews& views, const PrototypeNames& names) {
  std::vector<Canvas> blocks;
  for (const int64_t k : views.order) blocks.push_back(draw_sheet_block({views, k}, names));
  return draw_blocks(blocks, "Activations before and after; most activated patch, and nearest real ones");
}

Canvas draw_prototype(const TrainedModel& trained, const PrototypeViews& views, int64_t k) {
  constexpr int64_t kColumns = 6;
  const View view{views, k};
  const auto shown = views.ranking[k].slice(0, 0, kColumns);
  const int64_t size = views.image.size(-1);
  Grid grid;
  grid.cell_size = std::max<int64_t>(128, size);
  grid.title = "prototype " + trained.names.label(view.prototype()) + ", raised to " +
               format_fixed(views.target[k].min().item<double>(), 2) + ": " + view.effect() +
               ", consistency " + number_text(views.consistency[k].item<double>(), 2);
  for (int64_t i = 0; i < shown.size(0); ++i)
    grid.column_labels.push_back(view.file(shown[i].item<int64_t>()));
  RowWriter rows(grid);
  add_candidates(rows, view, shown,
                 heat_maps(trained.model.encoder, view, shown, grid.cell_size / size * size));
  add_real_patches(rows, view, std::min(kColumns, view.real_count()));
  return draw_grid(grid);
}

}  // namespace patronus
