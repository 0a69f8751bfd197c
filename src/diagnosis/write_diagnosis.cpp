#include <algorithm>
#include <filesystem>

#include "diagnosis/diagnosis_figures.h"
#include "diagnosis/diagnosis_json.h"
#include "diagnosis/diagnosis_markdown.h"
#include "diagnosis/diagnosis_tables.h"
#include "patronus/analysis/earlier_pictures.h"
#include "patronus/diagnosis/diagnose.h"
#include "patronus/evaluation/control_report.h"
#include "patronus/io/atomic_file.h"
#include "patronus/io/figure.h"

namespace patronus {
namespace {

namespace fs = std::filesystem;

/// "01-blond_hair-smile"; names may hold what file names may not.
std::string picture_name(const Diagnosis& d, const PairEffect& pair, int64_t rank) {
  const auto& names = attribute_names(d);
  std::string name = padded(rank, 2) + "-" + names[pair.source] + "-" + names[pair.target];
  std::replace(name.begin(), name.end(), '/', '_');
  return name;
}

void write_findings(const fs::path& folder, const Diagnosis& d, const std::vector<FigureFormat>& formats) {
  constexpr int64_t kMost = 10;
  fs::create_directories(folder);
  remove_earlier_pictures(folder, R"([0-9]{2}-.*\.(png|pdf|svg))");
  int64_t rank = 0;
  for (const auto& pair : d.pairs) {
    if (pair.verdict != Verdict::kFound || rank == kMost) continue;
    write_figure(folder / picture_name(d, pair, ++rank), draw_finding(d, pair), formats);
  }
}

}  // namespace

void write_diagnosis(const fs::path& folder, const TrainedModel& trained, const Diagnosis& d) {
  const auto& formats = trained.config.runtime.figures;
  write_file(folder / "diagnose.json", diagnosis_json(d, trained).dump(2) + "\n");
  write_file(folder / "diagnose.md", diagnosis_markdown(d, trained));
  write_csv(folder / "encoded.csv", encoded_table(d, trained.names));
  write_csv(folder / "spearman.csv", spearman_table(d));
  write_figure(folder / "spearman", draw_spearman(d, trained.names), formats);
  if (!d.judge) return;
  write_csv(folder / "findings.csv", findings_table(d));
  write_csv(folder / "associations.csv", associations_table(d));
  write_figure(folder / "attribute-effects", draw_attribute_effects(d, d.options.kinds.front()), formats);
  write_findings(folder / "findings", d, formats);
  remove_earlier_pictures(folder, "suspects\\.(png|pdf|svg)");
  if (d.suspects) write_figure(folder / "suspects", draw_suspects(*d.suspects), formats);
  if (!d.control) return;
  write_csv(folder / "effects.csv", effect_matrix_table(*d.control));
  write_figure(folder / "effects", draw_control(*d.control, trained.names), formats);
}

}  // namespace patronus
