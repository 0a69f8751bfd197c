#include "patronus/analysis/manipulate.h"

#include <ATen/Functions.h>
#include <ATen/TensorOperators.h>

#include <filesystem>

#include "analysis/shared_tables.h"
#include "patronus/analysis/replace_files.h"
#include "patronus/analysis/settings_json.h"
#include "patronus/core/error.h"
#include "patronus/core/pixels.h"
#include "patronus/io/atomic_file.h"
#include "patronus/io/figure.h"
#include "patronus/io/image.h"
#include "patronus/io/table.h"
#include "patronus/io/tensor_file.h"
#include "patronus/metrics/image_similarity.h"
#include "patronus/run/run_directory.h"

namespace patronus {
namespace {

using Json = nlohmann::ordered_json;

/// Calls `visit(v, i)` for every variant of every image, image by image.
template <class Visit>
void for_each_variant(const Manipulation& m, const Visit& visit) {
  for (int64_t i = 0; i < m.image.size(1); ++i) {
    for (int64_t v = 0; v < m.image.size(0); ++v) visit(v, i);
  }
}

std::string file_of(const Manipulation& m, int64_t i) {
  return m.original.files[static_cast<size_t>(i)];
}

Table prototype_table(const Manipulation& m, const PrototypeNames& names) {
  Table table{
      {"file", "variant", "prototype", "name", "before", "asked", "after", "row0", "row1", "col0", "col1"},
      {}};
  for_each_variant(m, [&](int64_t v, int64_t i) {
    const auto before = m.original.activation[i], asked = m.asked[v][i], after = m.activation[v][i];
    for (int64_t k = 0; k < before.size(0); ++k) {
      if ((asked[k] == before[k]).item<bool>()) continue;
      table.rows.push_back({file_of(m, i), m.variants[static_cast<size_t>(v)], std::to_string(k),
                            names.name(k), decimal(before[k].item<double>()),
                            decimal(asked[k].item<double>()), decimal(after[k].item<double>())});
      append_box(table.rows.back(), box_from(m.boxes[v][i][k]));
    }
  });
  return table;
}

std::string edited_picture(int64_t v, int64_t i) {
  return padded(i, 5) + "-" + std::to_string(v) + ".png";
}

Table effect_table(const Manipulation& m) {
  Table table{{"file", "variant", "picture", "psnr_db", "strength", "arrived", "gain", "drift", "change",
               "inside", "area"},
              {}};
  const auto ratio = psnr(m.original.image, m.original.original);
  for_each_variant(m, [&](int64_t v, int64_t i) {
    const EditEffect e = edit_effect(m, v, i);
    table.rows.push_back({file_of(m, i), m.variants[static_cast<size_t>(v)], edited_picture(v, i),
                          fixed(ratio[i].item<double>(), 2), decimal(m.strength[v][i].item<double>()),
                          m.arrived.defined() ? std::to_string(m.arrived[v][i].item<bool>()) : "",
                          decimal(e.gain), decimal(e.drift), decimal(e.change), decimal(e.inside),
                          decimal(e.area)});
  });
  return table;
}

Json settings_json(const TrainedModel& trained, const Manipulation& m) {
  const ManipulateOptions& options = m.options;
  Json settings = model_json(trained);
  settings["edits"] = Json::array();
  for (const auto& edit : options.edits) settings["edits"].push_back(edit.text);
  if (options.direction.defined()) {
    const auto direction = options.direction.contiguous();
    settings["example"] = std::vector<float>(direction.const_data_ptr<float>(),
                                             direction.const_data_ptr<float>() + direction.numel());
    settings["amount"] = options.amount;
  }
  for (const auto& sweep : options.sweeps) settings["sweeps"].push_back(sweep.text);
  for (const auto& [name, prototype] : options.contrasts) {
    settings["contrasts"].push_back({{"name", name}, {"prototype", prototype}});
  }
  if (options.correlated) settings["correlated"] = *options.correlated;
  add_settings(settings, options.regenerate);
  add_settings(settings, options.range);
  if (options.arrive) {
    settings["arrive"] = {{"tolerance", options.arrive->tolerance},
                          {"strongest", options.arrive->strongest},
                          {"rounds", options.arrive->rounds}};
  }
  settings["patch"] = to_string(options.patch);
  settings["evaluations"] = m.original.evaluations;
  return settings;
}

void write_tensors(const std::filesystem::path& path, const Manipulation& m) {
  Dict file;
  file.set("files", List(m.original.files.begin(), m.original.files.end()));
  file.set("variants", List(m.variants.begin(), m.variants.end()));
  file.set("original", m.original.original);
  file.set("x_T", m.original.x_T);
  file.set("regenerated", m.original.image);
  file.set("image", m.image);
  file.set("before", m.original.activation);
  file.set("asked", m.asked);
  file.set("after", m.activation);
  file.set("strength", m.strength);
  if (m.arrived.defined()) file.set("arrived", m.arrived);
  file.set("boxes", m.boxes);
  write_tensor_file(path, file);
}

}  // namespace

void write_manipulation(const std::filesystem::path& folder, const TrainedModel& trained,
                        const Manipulation& m) {
  const auto pictures = RunDirectory(folder).folder("images");
  std::vector<std::string> files;
  for_each_variant(m, [&](int64_t v, int64_t i) { files.push_back("images/" + edited_picture(v, i)); });
  replace_files(folder, files);
  for_each_variant(
      m, [&](int64_t v, int64_t i) { write_png(pictures / edited_picture(v, i), to_pixels(m.image[v][i])); });
  write_figure(folder / "manipulate", draw_manipulation(m, trained.names), trained.config.runtime.figures);
  write_csv(folder / "manipulate.csv", prototype_table(m, trained.names));
  write_csv(folder / "effects.csv", effect_table(m));
  write_csv(folder / "round_trip.csv", round_trip_table(m.original));
  write_file(folder / "index.json", settings_json(trained, m).dump(2) + "\n");
  write_tensors(folder / "manipulate.pt", m);
}

}  // namespace patronus
