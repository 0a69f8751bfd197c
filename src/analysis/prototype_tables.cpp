#include "analysis/prototype_tables.h"

#include <ATen/TensorOperators.h>
#include <ATen/ops/abs.h>

#include <algorithm>

#include "analysis/box_columns.h"

namespace patronus {
namespace {

/// Mean absolute difference of all entries but one; 0 where there are no others.
double drift_of_others(const at::Tensor& before, const at::Tensor& after, int64_t prototype) {
  const auto change = (after - before).abs();
  const auto others = static_cast<double>(std::max<int64_t>(1, change.size(0) - 1));
  return (change.sum() - change[prototype]).item<double>() / others;
}

std::vector<std::string> candidate_cells(const CandidateNumbers& c) {
  std::vector<std::string> cells{
      std::to_string(c.prototype), c.name,           std::to_string(c.rank), c.file,
      decimal(c.before),           decimal(c.asked), decimal(c.after),       decimal(c.drift)};
  append_box(cells, c.box);
  return cells;
}

}  // namespace

std::vector<CandidateNumbers> candidate_numbers(const PrototypeViews& views, int64_t k,
                                                const PrototypeNames& names) {
  const int64_t prototype = views.prototypes[static_cast<size_t>(k)];
  std::vector<CandidateNumbers> rows;
  for (int64_t rank = 0; rank < views.ranking.size(1); ++rank) {
    const int64_t i = views.ranking[k][rank].item<int64_t>();
    const auto before = views.candidates.activation[i], after = views.activation[k][i];
    rows.push_back({prototype, names.name(prototype), rank + 1, i,
                    views.candidates.files[static_cast<size_t>(i)], before[prototype].item<double>(),
                    views.asked[k][i].item<double>(), after[prototype].item<double>(),
                    drift_of_others(before, after, prototype), box_from(views.boxes[k][i])});
  }
  return rows;
}

std::vector<NearestNumbers> nearest_numbers(const PrototypeViews& views, int64_t k) {
  std::vector<NearestNumbers> rows;
  for (int64_t i = 0; i < views.nearest.image.size(1); ++i) {
    rows.push_back({views.prototypes[static_cast<size_t>(k)], i + 1,
                    views.nearest_files[static_cast<size_t>(k)][static_cast<size_t>(i)],
                    views.nearest.activation[k][i].item<double>(),
                    views.nearest.distance[k][i].item<double>(), box_from(views.nearest.boxes[k][i])});
  }
  return rows;
}

Table candidate_table(const std::vector<CandidateNumbers>& rows) {
  Table table{{"prototype", "name", "rank", "file", "before", "asked", "after", "drift", "row0", "row1",
               "col0", "col1"},
              {}};
  for (const auto& r : rows) table.rows.push_back(candidate_cells(r));
  return table;
}

Table prototype_table(const PrototypeViews& views, const std::vector<CandidateNumbers>& candidates) {
  Table table = candidate_table({});
  table.columns.insert(table.columns.end(), {"effect", "gain", "consistency"});
  for (const int64_t k : views.order) {
    const int64_t prototype = views.prototypes[static_cast<size_t>(k)];
    const auto shown = std::find_if(candidates.begin(), candidates.end(), [&](const CandidateNumbers& c) {
      return c.prototype == prototype && c.candidate == views.shown[k].item<int64_t>();
    });
    table.rows.push_back(candidate_cells(*shown));
    for (const auto& numbers : {views.effect, views.gain, views.consistency}) {
      table.rows.back().push_back(decimal(numbers[k].item<double>()));
    }
  }
  return table;
}

Table nearest_table(const std::vector<NearestNumbers>& rows) {
  Table table{{"prototype", "rank", "file", "activation", "distance", "row0", "row1", "col0", "col1"}, {}};
  for (const auto& r : rows) {
    table.rows.push_back({std::to_string(r.prototype), std::to_string(r.rank), r.file, decimal(r.activation),
                          decimal(r.distance)});
    append_box(table.rows.back(), r.box);
  }
  return table;
}

}  // namespace patronus
