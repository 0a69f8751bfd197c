#include "patronus/analysis/write_prototype_views.h"

#include <ATen/Functions.h>
#include <ATen/TensorOperators.h>

#include <nlohmann/json.hpp>

#include "analysis/edit_measures.h"
#include "analysis/round_trip_table.h"
#include "patronus/analysis/draw_prototype_views.h"
#include "patronus/analysis/grid_rows.h"
#include "patronus/analysis/settings_json.h"
#include "patronus/core/pixels.h"
#include "patronus/core/progress.h"
#include "patronus/core/text.h"
#include "patronus/figures/figure.h"
#include "patronus/interop/tensor_file.h"
#include "patronus/io/atomic_file.h"
#include "patronus/io/json_text.h"
#include "patronus/run/record.h"

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

/// Record of the prototype in row `k` for the candidate at `rank` (from 0) of the display order. `drift`:
/// mean absolute difference of the other activations from those of the image regenerated without an edit.
Record candidate_record(const PrototypeViews& views, int64_t k, int64_t rank) {
  const int64_t prototype = views.prototypes[k];
  const int64_t i = views.ranking[k][rank].item<int64_t>();
  const auto before = views.candidates.activation[i], after = views.activation[k][i];
  const auto change = (after - views.candidates.reached[i]).unsqueeze(0);
  return {{"rank", rank + 1},
          {"file", views.candidates.files[i]},
          {"before", before[prototype].item<double>()},
          {"asked", views.target[k][i].item<double>()},
          {"after", after[prototype].item<double>()},
          {"drift", drift_of_others(change, change.select(1, prototype)).item<double>()},
          {"box", to_box(views.boxes[k][i])}};
}

/// Records of one prototype: its candidates in display order, and its nearest real patches.
struct ViewRecords {
  Record prototype;
  Record effect;
  std::vector<Record> candidates;
  std::vector<Record> nearest;
  size_t on_sheet;  // index in `candidates` of the one on the sheet
};

ViewRecords view_records(const PrototypeViews& views, int64_t k, const PrototypeNames& names) {
  ViewRecords records{
      prototype_record(views, k, names), effect_record(views, k), {}, nearest_records(views.nearest, k), 0};
  for (int64_t rank = 0; rank < views.ranking.size(1); ++rank) {
    records.candidates.push_back(candidate_record(views, k, rank));
    const bool is_shown = views.ranking[k][rank].item<int64_t>() == views.shown[k].item<int64_t>();
    if (is_shown) records.on_sheet = static_cast<size_t>(rank);
  }
  return records;
}

/// Rows of `candidates.csv`, `nearest.csv` and `prototypes.csv`, prototype by prototype.
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

/// Writes only one enhanced image per prototype, the one on the sheet: all of them may take many gigabytes.
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

/// File name of the picture of the prototype in row `k`, without extension.
std::string picture_of(const PrototypeViews& views, int64_t k) {
  return "prototype-" + zero_padded(views.prototypes[k], 3);
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
  if (!tables.nearest.empty()) write_csv(folder / "nearest.csv", record_table(tables.nearest));
  write_csv(folder / "round_trip.csv", round_trip_table(views.candidates));
  write_file(folder / "index.json", json_text(index));
  write_tensors(folder / "visualize-prototypes.pt", views);
}

}  // namespace patronus
