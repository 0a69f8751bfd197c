#include <ATen/Functions.h>
#include <ATen/TensorOperators.h>

#include <algorithm>
#include <nlohmann/json.hpp>

#include "analysis/round_trip_table.h"
#include "patronus/analysis/explain.h"
#include "patronus/analysis/grid_rows.h"
#include "patronus/analysis/settings_json.h"
#include "patronus/core/text.h"
#include "patronus/core/to_vector.h"
#include "patronus/figures/figure.h"
#include "patronus/interop/tensor_file.h"
#include "patronus/io/atomic_file.h"
#include "patronus/io/json_text.h"
#include "patronus/io/make_folder.h"
#include "patronus/run/record.h"

namespace patronus {
namespace {

/// Record of the prototype in `column` for image `i`.
Record effect_record(const Explanations& all, int64_t i, int64_t column, const PrototypeNames& names) {
  const int64_t k = all.prototypes[column];
  const auto number = [&](const at::Tensor& values) { return values[i][column].item<double>(); };
  return {{"file", all.original.files[i]},
          {"prototype", k},
          {"name", names.name(k)},
          {"activation", all.original.activation[i][k].item<double>()},
          {"typical", all.typical[k].item<double>()},
          {"deviations", number(all.deviations)},
          {"percentile", number(all.percentile)},
          {"change", number(all.change)},
          {"inside", number(all.inside)},
          {"area", number(all.area)},
          {"box", to_box(all.boxes[i][column])}};
}

Table effect_table(const Explanations& all, const PrototypeNames& names) {
  std::vector<Record> rows;
  for (int64_t i = 0; i < all.change.size(0); ++i) {
    for (const int64_t column : to_vector<int64_t>(all.order[i]))
      rows.push_back(effect_record(all, i, column, names));
  }
  return record_table(rows);
}

Table image_table(const Explanations& all, const std::vector<FigureFormat>& formats) {
  std::vector<Record> rows;
  const auto strongest = all.strongest_prototypes();
  for (int64_t i = 0; i < all.change.size(0); ++i) {
    rows.push_back({{"file", all.original.files[i]},
                    {"picture", figure_files(zero_padded(i, 5), formats).front().string()},
                    {"strongest", to_vector<int64_t>(strongest[i])},
                    {"explained", all.explained[i].item<double>()},
                    {"explained_at_random", all.explained_at_random[i].item<double>()}});
  }
  return record_table(rows);
}

Table nearest_table(const Explanations& all, const PrototypeNames& names) {
  std::vector<Record> rows;
  for (int64_t row = 0; row < std::ssize(all.shown); ++row) {
    const Record prototype{{"prototype", all.shown[row]}, {"name", names.name(all.shown[row])}};
    for (const auto& patch : nearest_records(all.nearest, row)) rows.push_back(concat(prototype, patch));
  }
  return record_table(rows);
}

Json settings_json(const TrainedModel& trained, const ExplainOptions& options) {
  Json settings = model_json(trained);
  settings["prototypes"] = options.prototypes;
  settings["strongest"] = options.strongest;
  settings["nearest"] = options.nearest;
  settings["subset"] = options.subset;
  add_settings(settings, options.regenerate);
  settings["patch"] = to_string(options.patch);
  return settings;
}

void write_tensors(const std::filesystem::path& path, const Explanations& all) {
  Dict file;
  file.set("files", List(all.original.files.begin(), all.original.files.end()));
  file.set("prototypes", at::tensor(all.prototypes));
  file.set("original", all.original.original);
  file.set("x_T", all.original.x_T);
  file.set("regenerated", all.original.image);
  file.set("activation", all.original.activation);
  file.set("typical", all.typical);
  file.set("percentile", all.percentile);
  file.set("change", all.change);
  file.set("inside", all.inside);
  file.set("area", all.area);
  file.set("boxes", all.boxes);
  file.set("strongest", all.strongest_prototypes());
  file.set("explained", all.explained);
  file.set("replaced", all.replaced);
  file.set("kept", all.kept);
  file.set("typified", all.typified);
  write_tensor_file(path, file);
}

}  // namespace

void write_explanations(const std::filesystem::path& folder, const TrainedModel& trained,
                        const Explanations& all) {
  constexpr int64_t kTogether = 4;
  const auto& formats = trained.config.runtime.figures;
  const auto pictures = make_folder(folder / "images");
  std::vector<Canvas> first;
  for (int64_t i = 0; i < all.change.size(0); ++i) {
    const Canvas picture = draw_explanation(all, i, trained.names);
    write_figure(pictures / zero_padded(i, 5), picture, formats);
    if (i < kTogether) first.push_back(picture);
  }
  write_figure(folder / "explain", draw_blocks(first, {}), formats);
  write_csv(folder / "prototypes.csv", effect_table(all, trained.names));
  write_csv(folder / "images.csv", image_table(all, formats));
  if (all.options.nearest > 0) write_csv(folder / "nearest.csv", nearest_table(all, trained.names));
  write_csv(folder / "round_trip.csv", round_trip_table(all.original));
  write_file(folder / "index.json", json_text(settings_json(trained, all.options)));
  write_tensors(folder / "explain.pt", all);
}

}  // namespace patronus
