#include "patronus/analysis/visualize_prototypes.h"

#include <ATen/Functions.h>
#include <ATen/TensorOperators.h>
#include <ATen/ops/abs.h>

#include <algorithm>
#include <cmath>

#include "analysis/edit_measures.h"
#include "analysis/round_trip_table.h"
#include "patronus/analysis/activation_map.h"
#include "patronus/analysis/grid_rows.h"
#include "patronus/analysis/record.h"
#include "patronus/analysis/settings_json.h"
#include "patronus/core/pixels.h"
#include "patronus/core/progress.h"
#include "patronus/io/atomic_file.h"
#include "patronus/io/figure.h"
#include "patronus/io/heat_map.h"
#include "patronus/io/json_text.h"
#include "patronus/io/plot.h"
#include "patronus/io/tensor_file.h"

namespace patronus {
namespace {

Record prototype_record(const PrototypeViews& views, int64_t k, const PrototypeNames& names) {
  const int64_t prototype = views.prototypes[k];
  return {{"prototype", prototype}, {"name", names.name(prototype)}};
}

Record effect_record(const PrototypeViews& views, int64_t k) {
  return {{"effect", views.effect[k].item<double>()},
          {"gain", views.gain[k].item<double>()},
          {"consistency", views.consistency[k].item<double>()},
          {"minimum", views.range.minimum[k].item<double>()},
          {"maximum", views.range.maximum[k].item<double>()},
          {"deviation", views.deviation[k].item<double>()},
          {"usage", views.nearest.usage[k].item<double>()}};
}

/// Prototype number `k` of the views in the candidate of a rank, from 0, as candidates are shown. `drift`:
/// mean absolute change of all other activations.
Record candidate_record(const PrototypeViews& views, int64_t k, int64_t rank) {
  const int64_t prototype = views.prototypes[k];
  const int64_t i = views.ranking[k][rank].item<int64_t>();
  const auto before = views.candidates.activation[i], after = views.activation[k][i];
  const auto change = (after - before).unsqueeze(0);
  return {{"rank", rank + 1},
          {"file", views.candidates.files[i]},
          {"before", before[prototype].item<double>()},
          {"asked", views.target[k][i].item<double>()},
          {"after", after[prototype].item<double>()},
          {"drift", drift_of_others(change, change.select(1, prototype)).item<double>()},
          {"box", box_from(views.boxes[k][i])}};
}

/// A real patch near a prototype, the nearest one with rank 1.
Record nearest_record(int64_t rank, const std::string& file, double activation, double distance,
                      const Box& box) {
  return {{"rank", rank}, {"file", file}, {"activation", activation}, {"distance", distance}, {"box", box}};
}

/// All that is told of a prototype: its candidates in the order in which they are shown, and its nearest
/// real patches.
struct ViewRecords {
  Record prototype;
  Record effect;
  std::vector<Record> candidates;
  std::vector<Record> nearest;
  size_t on_sheet;  // candidate
};

ViewRecords view_records(const PrototypeViews& views, int64_t k, const PrototypeNames& names) {
  ViewRecords records{prototype_record(views, k, names), effect_record(views, k), {}, {}, 0};
  for (int64_t rank = 0; rank < views.ranking.size(1); ++rank) {
    records.candidates.push_back(candidate_record(views, k, rank));
    const bool is_shown = views.ranking[k][rank].item<int64_t>() == views.shown[k].item<int64_t>();
    if (is_shown) records.on_sheet = static_cast<size_t>(rank);
  }
  for (int64_t i = 0; i < views.nearest.image.size(1); ++i) {
    const auto& file = views.nearest_files[k][i];
    records.nearest.push_back(nearest_record(i + 1, file, views.nearest.activation[k][i].item<double>(),
                                             views.nearest.distance[k][i].item<double>(),
                                             box_from(views.nearest.boxes[k][i])));
  }
  return records;
}

/// Rows of `candidates.csv`, `nearest.csv` and `prototypes.csv`, prototype after prototype.
struct ViewTables {
  std::vector<Record> candidates;
  std::vector<Record> nearest;
  std::vector<Record> prototypes;

  void add(const ViewRecords& view) {
    for (const auto& candidate : view.candidates) candidates.push_back(concat(view.prototype, candidate));
    for (const auto& patch : view.nearest) nearest.push_back(concat(view.prototype, patch));
    prototypes.push_back(
        concat(candidates[candidates.size() - view.candidates.size() + view.on_sheet], view.effect));
  }
};

/// What is drawn of one prototype, pixels and texts. Candidates are counted as in the views, not by rank.
struct View {
  const PrototypeViews& views;
  int64_t k;

  int64_t prototype() const { return views.prototypes[k]; }
  int64_t on_sheet() const { return views.shown[k].item<int64_t>(); }
  std::string target(int64_t candidate) const { return score(views.target[k][candidate]); }
  std::string effect() const;

  std::string file(int64_t candidate) const { return views.candidates.files[candidate]; }
  at::Tensor original(int64_t candidate) const { return to_pixels(views.candidates.original[candidate]); }
  at::Tensor enhanced(int64_t candidate) const { return to_pixels(views.image[k][candidate]); }
  /// What enhancing changed: no change is the gray in the middle, half of the range is black or white.
  at::Tensor difference(int64_t candidate) const {
    return to_pixels(views.image[k][candidate] - views.candidates.image[candidate]);
  }
  Box box(int64_t candidate) const { return box_from(views.boxes[k][candidate]); }
  std::string before(int64_t candidate) const {
    return score(views.candidates.activation[candidate][prototype()]);
  }
  std::string after(int64_t candidate) const { return score(views.activation[k][candidate][prototype()]); }

  int64_t real_count() const { return views.nearest.image.size(1); }
  std::string real_file(int64_t i) const { return views.nearest_files[k][i]; }
  at::Tensor real(int64_t i) const { return to_pixels(views.nearest_images[k][i]); }
  Box real_box(int64_t i) const { return box_from(views.nearest.boxes[k][i]); }
  std::string real_score(int64_t i) const { return score(views.nearest.activation[k][i]); }
};

std::string View::effect() const {
  const double gained = views.gain[k].item<double>();
  if (std::isnan(gained)) return "cannot be raised";
  const auto place = std::find(views.order.begin(), views.order.end(), k) - views.order.begin();
  if (place >= std::ssize(views.order) - views.without_effect) return "no effect";
  return "+" + fixed(views.effect[k].item<double>(), 1) + " sd, gain " + fixed(gained, 2);
}

Canvas draw_sheet_block(const View& view, const PrototypeNames& names) {
  constexpr int64_t kRealPatches = 3;
  const int64_t best = view.on_sheet();
  Grid grid;
  grid.title = names.label(view.prototype()) + ": " + view.effect();
  grid.cell_size = std::max(grid.cell_size, view.views.image.size(-1));
  RowWriter row(grid);
  row.begin_row();
  row.add(view.original(best), view.before(best));
  row.add(view.enhanced(best), view.after(best) + " of " + view.target(best), {rect_of(view.box(best))});
  row.add(view.difference(best), "difference", {rect_of(view.box(best))});
  row.add(crop(view.enhanced(best), view.box(best)), "patch");
  for (int64_t i = 0; i < std::min(kRealPatches, view.real_count()); ++i) {
    row.add(crop(view.real(i), view.real_box(i)), "real " + view.real_score(i));
  }
  return draw_grid(grid);
}

/// Activation maps of the shown candidates before and after, on one scale.
struct HeatMaps {
  at::Tensor original;  // [B, size, size], from 0 to 1
  at::Tensor enhanced;
  std::string scale;  // what 0 and 1 stand for
};

HeatMaps heat_maps(PrototypeEncoder encoder, const View& view, const at::Tensor& shown, int64_t size) {
  const auto original =
      activation_maps(encoder, view.views.candidates.original.index_select(0, shown), view.prototype(), size);
  const auto enhanced =
      activation_maps(encoder, view.views.image[view.k].index_select(0, shown), view.prototype(), size);
  const auto both = at::cat({original, enhanced});
  const auto low = both.min(), range = (both.max() - low).clamp_min(1e-6);
  return {(original - low) / range, (enhanced - low) / range,
          "activation " + score(low) + " to " + score(low + range)};
}

void add_candidates(RowWriter& rows, const View& view, const at::Tensor& shown, const HeatMaps& heat) {
  const int64_t count = shown.size(0);
  const auto candidate = [&](int64_t rank) { return shown[rank].item<int64_t>(); };
  rows.begin_row("original");
  for (int64_t i = 0; i < count; ++i) rows.add(view.original(candidate(i)), view.before(candidate(i)));
  rows.begin_row(heat.scale);
  for (int64_t i = 0; i < count; ++i) {
    rows.add(draw_heat_map(heat.original[i], view.original(candidate(i))));
  }
  rows.begin_row("enhanced");
  for (int64_t i = 0; i < count; ++i) {
    const int64_t c = candidate(i);
    rows.add(view.enhanced(c), view.before(c) + " → " + view.after(c) + " of " + view.target(c),
             {rect_of(view.box(c))});
  }
  rows.begin_row(heat.scale);
  for (int64_t i = 0; i < count; ++i) {
    rows.add(draw_heat_map(heat.enhanced[i], view.enhanced(candidate(i))));
  }
  rows.begin_row("difference");
  for (int64_t i = 0; i < count; ++i) {
    rows.add(view.difference(candidate(i)), "", {rect_of(view.box(candidate(i)))});
  }
  rows.begin_row("patch");
  for (int64_t i = 0; i < count; ++i) rows.add(crop(view.enhanced(candidate(i)), view.box(candidate(i))));
}

void add_real_patches(RowWriter& rows, const View& view, int64_t count) {
  if (count == 0) return;
  rows.begin_row("real image");
  for (int64_t i = 0; i < count; ++i) rows.add(view.real(i), view.real_file(i), {rect_of(view.real_box(i))});
  rows.begin_row("real patch");
  for (int64_t i = 0; i < count; ++i) rows.add(crop(view.real(i), view.real_box(i)), view.real_score(i));
}

}  // namespace

Canvas draw_prototype_sheet(const PrototypeViews& views, const PrototypeNames& names) {
  std::vector<Canvas> blocks;
  for (const int64_t k : views.order) blocks.push_back(draw_sheet_block({views, k}, names));
  return draw_blocks(blocks, "original, enhanced, difference, most activated patch, nearest real patches");
}

Canvas draw_prototype(const TrainedModel& trained, const PrototypeViews& views, int64_t k) {
  constexpr int64_t kColumns = 6;
  const View view{views, k};
  const auto shown = views.ranking[k].slice(0, 0, kColumns);
  const int64_t size = views.image.size(-1);
  Grid grid;
  grid.cell_size = std::max<int64_t>(128, size);
  grid.title = "prototype " + trained.names.label(view.prototype()) + ", raised to " +
               fixed(views.target[k].min().item<double>(), 2) + ": " + view.effect() + ", consistency " +
               fixed(views.consistency[k].item<double>(), 2);
  for (int64_t i = 0; i < shown.size(0); ++i)
    grid.column_labels.push_back(view.file(shown[i].item<int64_t>()));
  RowWriter rows(grid);
  add_candidates(rows, view, shown,
                 heat_maps(trained.model.encoder, view, shown, grid.cell_size / size * size));
  add_real_patches(rows, view, std::min(kColumns, view.real_count()));
  return draw_grid(grid);
}

namespace {

Json view_json(const ViewRecords& view, const std::string& picture) {
  Json json = record_json(concat(view.prototype, view.effect));
  json["picture"] = picture;
  json["candidates"] = records_json(view.candidates);
  json["nearest"] = records_json(view.nearest);
  return json;
}

Json settings_json(const TrainedModel& trained, const VisualizePrototypesOptions& options) {
  Json settings = model_json(trained);
  add_settings(settings, options.regenerate);
  add_settings(settings, options.range);
  settings["candidates"] = options.random ? "random" : "by increase";
  settings["patch"] = to_string(options.patch);
  return settings;
}

/// Of the enhanced images only the one of each prototype on the sheet: all of them may be many gigabytes.
void write_tensors(const std::filesystem::path& path, const PrototypeViews& views) {
  std::vector<at::Tensor> images;
  for (int64_t k = 0; k < views.shown.size(0); ++k) {
    images.push_back(views.image[k][views.shown[k].item<int64_t>()]);
  }
  Dict file;
  file.set("prototypes", at::tensor(views.prototypes));
  file.set("files", List(views.candidates.files.begin(), views.candidates.files.end()));
  file.set("original", views.candidates.original);
  file.set("regenerated", views.candidates.image);
  file.set("x_T", views.candidates.x_T);
  file.set("before", views.candidates.activation);
  file.set("asked", views.target);
  file.set("after", views.activation);
  file.set("boxes", views.boxes);
  file.set("ranking", views.ranking);
  file.set("shown", views.shown);
  file.set("image", at::stack(images));
  file.set("nearest", to_pixels(views.nearest_images));
  write_tensor_file(path, file);
}

/// The name of prototype k's picture, without ending.
std::string picture_of(const PrototypeViews& views, int64_t k) {
  return "prototype-" + padded(views.prototypes[k], 3);
}

}  // namespace

void write_prototype_views(const std::filesystem::path& folder, TrainedModel& trained,
                           const PrototypeViews& views) {
  const auto& formats = trained.config.runtime.figures;
  Json index = settings_json(trained, views.options);
  index["prototypes"] = Json::array();
  ViewTables tables;
  Progress progress("drawing", std::ssize(views.order), "prototypes");
  for (const int64_t k : views.order) {
    const auto stem = folder / picture_of(views, k);
    write_figure(stem, draw_prototype(trained, views, k), formats);
    const ViewRecords view = view_records(views, k, trained.names);
    index["prototypes"].push_back(view_json(view, figure_files(stem, formats).front().filename()));
    tables.add(view);
    progress.advance();
  }
  write_figure(folder / "prototypes", draw_prototype_sheet(views, trained.names), formats);
  write_csv(folder / "prototypes.csv", record_table(tables.prototypes));
  write_csv(folder / "candidates.csv", record_table(tables.candidates));
  const Record no_patch = concat(prototype_record(views, 0, trained.names), nearest_record(0, "", 0, 0, {}));
  write_csv(folder / "nearest.csv", record_table(tables.nearest, no_patch));
  write_csv(folder / "round_trip.csv", round_trip_table(views.candidates));
  write_file(folder / "index.json", json_text(index));
  write_tensors(folder / "visualize-prototypes.pt", views);
}

}  // namespace patronus
