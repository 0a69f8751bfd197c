#include "patronus/analysis/manipulate.h"

#include <ATen/Functions.h>
#include <ATen/TensorOperators.h>

#include <cmath>
#include <filesystem>
#include <nlohmann/json.hpp>

#include "analysis/round_trip_table.h"
#include "patronus/analysis/settings_json.h"
#include "patronus/core/pixels.h"
#include "patronus/core/text.h"
#include "patronus/core/to_vector.h"
#include "patronus/figures/figure.h"
#include "patronus/interop/tensor_file.h"
#include "patronus/io/atomic_file.h"
#include "patronus/io/image.h"
#include "patronus/io/json_text.h"
#include "patronus/io/make_folder.h"
#include "patronus/metrics/image_similarity.h"
#include "patronus/run/record.h"

namespace patronus {
namespace {

/// Calls `visit(v, i)` for every variant `v` of every image `i`, image by image.
template <class Visit>
void for_each_variant(const Manipulation& m, const Visit& visit) {
  for (int64_t i = 0; i < m.image.size(1); ++i) {
    for (int64_t v = 0; v < m.image.size(0); ++v) visit(v, i);
  }
}

std::string file_of(const Manipulation& m, int64_t i) {
  return m.original.files[i];
}

/// Record of prototype `k` in variant `v` of image `i`.
Record edited_prototype(const Manipulation& m, int64_t v, int64_t i, int64_t k, const PrototypeNames& names) {
  return {{"file", file_of(m, i)},
          {"variant", m.variants[v]},
          {"prototype", k},
          {"name", names.name(k)},
          {"before", m.original.activation[i][k].item<double>()},
          {"asked", m.target[v][i][k].item<double>()},
          {"after", m.activation[v][i][k].item<double>()},
          {"box", to_box(m.boxes[v][i][k])}};
}

Table prototype_table(const Manipulation& m, const PrototypeNames& names) {
  std::vector<Record> rows;
  for_each_variant(m, [&](int64_t v, int64_t i) {
    const auto edited = (m.target[v][i] != m.original.activation[i]).nonzero().squeeze(1);
    for (int64_t e = 0; e < edited.size(0); ++e)
      rows.push_back(edited_prototype(m, v, i, edited[e].item<int64_t>(), names));
  });
  return record_table(rows, edited_prototype(m, 0, 0, 0, names));
}

std::string edited_picture(int64_t v, int64_t i) {
  return zero_padded(i, 5) + "-" + std::to_string(v) + ".png";
}

Table effect_table(const Manipulation& m) {
  std::vector<Record> rows;
  const auto ratio = psnr(m.original.image, m.original.original);
  for_each_variant(m, [&](int64_t v, int64_t i) {
    const EditEffect e = edit_effect(m, v, i);
    rows.push_back({{"file", file_of(m, i)},
                    {"variant", m.variants[v]},
                    {"picture", edited_picture(v, i)},
                    {"psnr_db", ratio[i].item<double>()},
                    {"strength", m.strength[v][i].item<double>()},
                    {.key = "arrived",
                     .value = m.arrived.defined() && m.arrived[v][i].item<bool>(),
                     .is_known = m.arrived.defined() && !std::isnan(e.gain)},
                    {"gain", e.gain},
                    {"drift", e.drift},
                    {"change", e.change},
                    {"inside", e.inside},
                    {"area", e.area}});
  });
  return record_table(rows);
}

Json settings_json(const TrainedModel& trained, const Manipulation& m) {
  const ManipulateOptions& options = m.options;
  Json settings = model_json(trained);
  settings["edits"] = Json::array();
  for (const auto& edit : options.edits) settings["edits"].push_back(edit.text);
  if (options.direction.defined()) {
    settings["example"] = to_vector<float>(options.direction);
    settings["amount"] = options.amount;
  }
  for (const auto& sweep : options.sweeps) settings["sweeps"].push_back(sweep.text);
  for (const auto& [name, prototype] : options.contrasts) {
    settings["contrasts"].push_back({{"name", name}, {"prototype", prototype}});
  }
  if (options.correlated) settings["correlated"] = *options.correlated;
  add_settings(settings, options.regenerate);
  add_settings(settings, options.range);
  if (options.strength_search) {
    settings["arrive"] = {{"tolerance", options.strength_search->tolerance},
                          {"strongest", options.strength_search->strongest},
                          {"rounds", options.strength_search->rounds}};
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
  file.set("asked", m.target);
  file.set("after", m.activation);
  file.set("strength", m.strength);
  if (m.arrived.defined()) file.set("arrived", m.arrived);
  file.set("boxes", m.boxes);
  write_tensor_file(path, file);
}

}  // namespace

void write_manipulation(const std::filesystem::path& folder, const TrainedModel& trained,
                        const Manipulation& m) {
  const auto pictures = make_folder(folder / "images");
  for_each_variant(
      m, [&](int64_t v, int64_t i) { write_png(pictures / edited_picture(v, i), to_pixels(m.image[v][i])); });
  write_figure(folder / "manipulate", draw_manipulation(m, trained.names), trained.config.runtime.figures);
  write_csv(folder / "manipulate.csv", prototype_table(m, trained.names));
  write_csv(folder / "effects.csv", effect_table(m));
  write_csv(folder / "round_trip.csv", round_trip_table(m.original));
  write_file(folder / "index.json", json_text(settings_json(trained, m)));
  write_tensors(folder / "manipulate.pt", m);
}

}  // namespace patronus
