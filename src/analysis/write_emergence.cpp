#include <ATen/core/Tensor.h>

#include "analysis/emergence_figures.h"
#include "analysis/emergence_tables.h"
#include "patronus/analysis/earlier_pictures.h"
#include "patronus/analysis/settings_json.h"
#include "patronus/io/atomic_file.h"
#include "patronus/io/figure.h"

namespace patronus {
namespace {

nlohmann::ordered_json emergence_settings(const TrainedModel& trained, const EmergenceOptions& options,
                                          int64_t images) {
  nlohmann::ordered_json json = model_json(trained);
  json["images"] = images;
  add_settings(json, options.regenerate);
  add_settings(json, options.range);
  return json;
}

}  // namespace

void write_emergence(const std::filesystem::path& folder, const TrainedModel& trained, const Emergence& e,
                     const EmergenceStrips& strips, const EmergenceOptions& options) {
  const PrototypeNames& names = trained.names;
  const auto& formats = trained.config.runtime.figures;
  remove_earlier_pictures(folder, "strip-[0-9]{3,}\\.(png|pdf|svg)");
  for (size_t i = 0; i < strips.rows.size(); ++i) {
    const int64_t k = e.prototypes[static_cast<size_t>(strips.rows[i])];
    write_figure(folder / ("strip-" + padded(k, 3)), draw_strip(e, strips, static_cast<int64_t>(i), names),
                 formats);
  }
  write_figure(folder / "emergence", draw_emergence(e, names), formats);
  write_figure(folder / "decided", draw_decided(e, names), formats);
  write_figure(folder / "frequency", draw_frequency(e), formats);
  write_figure(folder / "condition", draw_condition_use(e), formats);
  write_csv(folder / "emergence.csv", curve_table(e, names));
  write_csv(folder / "decided.csv", late_table(e, names));
  write_csv(folder / "prototypes.csv", emergence_table(e, names));
  write_csv(folder / "condition.csv", condition_table(e));
  auto json = emergence_settings(trained, options, e.images);
  json.update(emergence_json(e, names));
  write_file(folder / "emergence.json", json.dump(2) + "\n");
  write_file(folder / "emergence.md", emergence_markdown(e, names));
}

}  // namespace patronus
