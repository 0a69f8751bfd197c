#include <ATen/Functions.h>

#include <cmath>

#include "analysis/box_columns.h"
#include "analysis/prototype_figures.h"
#include "analysis/prototype_tables.h"
#include "analysis/round_trip_table.h"
#include "patronus/analysis/earlier_pictures.h"
#include "patronus/analysis/settings_json.h"
#include "patronus/core/progress.h"
#include "patronus/io/atomic_file.h"
#include "patronus/io/figure.h"
#include "patronus/io/table.h"
#include "patronus/io/tensor_file.h"

namespace patronus {
namespace {

using Json = nlohmann::ordered_json;

Json prototype_json(const PrototypeViews& views, int64_t k, const std::string& picture,
                    const std::vector<CandidateNumbers>& candidates,
                    const std::vector<NearestNumbers>& nearest) {
  const int64_t prototype = candidates.front().prototype;
  const auto number = [&](const at::Tensor& of_all) {
    const double value = of_all[k].item<double>();
    return std::isfinite(value) ? Json(value) : Json();
  };
  Json entry{{"prototype", prototype},     {"name", candidates.front().name},
             {"picture", picture},         {"effect", number(views.effect)},
             {"gain", number(views.gain)}, {"consistency", number(views.consistency)}};
  entry["candidates"] = Json::array();
  for (const auto& c : candidates) {
    entry["candidates"].push_back({{"file", c.file},
                                   {"before", c.before},
                                   {"asked", c.asked},
                                   {"after", c.after},
                                   {"drift", c.drift},
                                   {"box", box_json(c.box)}});
  }
  entry["nearest"] = Json::array();
  for (const auto& n : nearest) {
    entry["nearest"].push_back(
        {{"file", n.file}, {"activation", n.activation}, {"distance", n.distance}, {"box", box_json(n.box)}});
  }
  return entry;
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
  file.set("x_T", views.candidates.x_T);
  file.set("before", views.candidates.activation);
  file.set("asked", views.asked);
  file.set("after", views.activation);
  file.set("boxes", views.boxes);
  file.set("ranking", views.ranking);
  file.set("shown", views.shown);
  file.set("image", at::stack(images));
  write_tensor_file(path, file);
}

}  // namespace

void write_prototype_views(const std::filesystem::path& folder, TrainedModel& trained,
                           const PrototypeViews& views) {
  const auto& formats = trained.config.runtime.figures;
  Json index = settings_json(trained, views.options);
  index["prototypes"] = Json::array();
  std::vector<CandidateNumbers> all;
  std::vector<NearestNumbers> nearest;
  Progress progress("drawing", static_cast<int64_t>(views.order.size()), "prototypes");
  remove_earlier_pictures(folder, "prototype-[0-9]{3,}\\.(png|pdf|svg)");
  for (const int64_t k : views.order) {
    const auto candidates = candidate_numbers(views, k, trained.names);
    const auto real = nearest_numbers(views, k);
    const auto stem = folder / ("prototype-" + padded(candidates.front().prototype, 3));
    write_figure(stem, draw_prototype(trained, views, k), formats);
    const std::string picture = figure_files(stem, formats).front().filename();
    index["prototypes"].push_back(prototype_json(views, k, picture, candidates, real));
    all.insert(all.end(), candidates.begin(), candidates.end());
    nearest.insert(nearest.end(), real.begin(), real.end());
    progress.advance();
  }
  write_figure(folder / "prototypes", draw_prototype_sheet(views, trained.names), formats);
  write_csv(folder / "prototypes.csv", prototype_table(views, all));
  write_csv(folder / "candidates.csv", candidate_table(all));
  write_csv(folder / "nearest.csv", nearest_table(nearest));
  write_csv(folder / "round_trip.csv", round_trip_table(views.candidates));
  write_file(folder / "index.json", index.dump(2) + "\n");
  write_tensors(folder / "visualize-prototypes.pt", views);
}

}  // namespace patronus
