#include "diagnosis/draw_diagnosis.h"

#include <ATen/Functions.h>
#include <ATen/TensorOperators.h>

#include <algorithm>

#include "diagnosis/diagnosis_tables.h"
#include "patronus/analysis/grid_rows.h"
#include "patronus/core/pixels.h"
#include "patronus/core/unknown.h"
#include "patronus/figures/matrix_plot.h"

namespace patronus {
namespace {

std::vector<const EditTrial*> trials_of(const Diagnosis& d, size_t attribute) {
  std::vector<const EditTrial*> trials;
  for (const auto& trial : d.trials) {
    if (trial.attribute == attribute) trials.push_back(&trial);
  }
  return trials;
}

/// "0.03, 0.98": judged probabilities of both attributes in image i.
std::string judged_text(const at::Tensor& judged, int64_t i, const PairEffect& pair) {
  const auto of = [&](size_t a) { return number_text(judged[i][static_cast<int64_t>(a)].item<double>(), 2); };
  return of(pair.source) + ", " + of(pair.target);
}

}  // namespace

Canvas draw_spearman(const Diagnosis& d, const PrototypeNames& names) {
  const auto order = at::tensor(d.order);
  MatrixPlot plot{.values = d.spearman.index_select(0, order).index_select(1, order), .limit = 1};
  plot.title = "Spearman correlation of activations, clustered";
  plot.x_label = "prototype";
  plot.y_label = "prototype";
  for (const int64_t k : d.order) {
    plot.row_labels.push_back(names.label(k));
    plot.column_labels.push_back(std::to_string(k));
  }
  return draw_matrix(plot);
}

Canvas draw_attribute_effects(const Diagnosis& d, EditKind kind) {
  const auto& names = attribute_names(d);
  const auto count = std::ssize(names);
  const auto reliable = is_reliable(d.judge->judge.accuracy);
  MatrixPlot plot{.values = at::full({count, count}, kNaN, at::kDouble), .limit = 1};
  plot.title = "Change of an attribute's probability, " + to_string(kind) + " edits";
  plot.x_label = "attribute that is judged";
  plot.y_label = "attribute that is put in";
  plot.row_labels = plot.column_labels = names;
  for (const auto& trial : d.trials) {
    if (trial.kind != kind) continue;
    const auto effect = trial.effect().sum(0) / (trial.direction != 0).sum();
    plot.values[static_cast<int64_t>(trial.attribute)] = effect.masked_fill(~reliable, kNaN);
  }
  return draw_matrix(plot);
}

Canvas draw_prototype_attributes(const Control& control, const PrototypeNames& names) {
  const std::string verb = control.lowers ? "lowered" : "raised";
  MatrixPlot plot{.values = control.judged_change.masked_fill(~is_reliable(control.judge_accuracy), kNaN),
                  .limit = 1};
  plot.title = "Change of an attribute's probability when a prototype is " + verb;
  plot.x_label = "attribute that is judged";
  plot.y_label = "prototype that is " + verb;
  plot.column_labels = control.attributes;
  for (const int64_t k : control.prototypes) plot.row_labels.push_back(names.label(k));
  return draw_matrix(plot);
}

Canvas draw_finding(const Diagnosis& d, const PairEffect& pair) {
  const auto& names = attribute_names(d);
  const auto trials = trials_of(d, pair.source);
  const EditTrial& strongest = *trials[pair.strongest];
  Grid grid;
  grid.title = finding_text(d, pair) + "; below: how likely " + names[pair.source] + " and " +
               names[pair.target] + " are";
  grid.column_labels = {"original", "regenerated"};
  for (const auto* trial : trials) grid.column_labels.push_back(to_string(trial->kind));
  grid.column_labels.push_back("control");
  grid.cell_size = std::max<int64_t>(128, strongest.image.size(-1));
  RowWriter rows(grid);
  int64_t picture = 0;
  for (const int64_t i : shown_images(strongest.direction)) {
    const bool puts_in = strongest.direction[i].item<double>() > 0;
    rows.begin_row(names[pair.source] + (puts_in ? " put in" : " taken away"));
    rows.add(to_pixels(d.images.original[i]), judged_text(d.judged_original, i, pair));
    rows.add(to_pixels(d.images.image[i]), judged_text(d.judged_identity, i, pair));
    for (const auto* trial : trials) rows.add(trial->image[picture], judged_text(trial->edited, i, pair));
    rows.add(strongest.control_image[picture++], judged_text(strongest.control, i, pair));
  }
  return draw_grid(grid);
}

}  // namespace patronus
