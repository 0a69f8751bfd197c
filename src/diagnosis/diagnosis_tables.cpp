#include "diagnosis/diagnosis_tables.h"

#include <cmath>

namespace patronus {
namespace {

std::string csv_number(double value) {
  return std::isfinite(value) ? decimal(value) : "";
}

void add_estimate(std::vector<std::string>& row, const Estimate& e) {
  for (const double value : {e.value, e.low, e.high}) row.push_back(csv_number(value));
}

void add_pairs(Table& table, const std::vector<PairEffect>& pairs, const Diagnosis& d) {
  const auto& names = attribute_names(d);
  for (const auto& pair : pairs) {
    for (const auto& kind : pair.kinds) {
      std::vector<std::string> row{names[pair.source], names[pair.target], to_string(kind.kind)};
      add_estimate(row, kind.effect);
      for (const double value : {kind.put_in, kind.taken, kind.p, kind.family_p, kind.fdr}) {
        row.push_back(csv_number(value));
      }
      row.push_back(kind.is_found ? "1" : "0");
      row.push_back(to_string(pair.verdict));
      row.push_back(pair.again ? csv_number(*pair.again) : "");
      row.push_back(pair.dependence);
      row.push_back(d.judge->is_confounded(pair.source, pair.target) ? "1" : "0");
      table.rows.push_back(std::move(row));
    }
  }
}

}  // namespace

const std::vector<std::string>& attribute_names(const Diagnosis& d) {
  return d.encoded.images.attributes.names;
}

Table encoded_table(const Diagnosis& d, const PrototypeNames& names) {
  Table table{{"attribute", "with", "without", "prototype", "name", "rises", "auroc", "auroc_low",
               "auroc_high", "cliffs_delta", "spearman", "spearman_low", "spearman_high", "untrained_auroc",
               "judge_accuracy", "not_testable"},
              {}};
  for (size_t a = 0; a < d.encoded.attributes.size(); ++a) {
    const EncodedAttribute& e = d.encoded.attributes[a];
    std::vector<std::string> row{e.name, std::to_string(e.with), std::to_string(e.without)};
    if (e.prototype >= 0) {
      row.insert(row.end(), {std::to_string(e.prototype), names.name(e.prototype), e.rises ? "1" : "0"});
      add_estimate(row, e.auroc);
      row.push_back(csv_number(e.delta));
      add_estimate(row, e.spearman);
      row.push_back(csv_number(e.untrained_auroc));
    }
    row.resize(14);
    row.push_back(d.judge ? csv_number(d.judge->judge.accuracy[static_cast<int64_t>(a)].item<double>()) : "");
    row.push_back(e.obstacle);
    table.rows.push_back(std::move(row));
  }
  return table;
}

Table findings_table(const Diagnosis& d) {
  Table table{{"source", "target", "edit", "effect", "low", "high", "put_in", "taken_away", "p", "family_p",
               "fdr", "found", "verdict", "again", "dependence", "judge_confounded"},
              {}};
  add_pairs(table, d.pairs, d);
  add_pairs(table, d.placebo, d);
  return table;
}

Table associations_table(const Diagnosis& d) {
  Table table{{"attribute", "other", "training", "real", "real_low", "real_high", "generated",
               "generated_low", "generated_high", "difference", "difference_low", "difference_high"},
              {}};
  for (const auto& pair : d.associations) {
    std::vector<std::string> row{attribute_names(d)[pair.a], attribute_names(d)[pair.b],
                                 csv_number(pair.training)};
    for (const auto& estimate : {pair.real, pair.generated, pair.difference}) add_estimate(row, estimate);
    table.rows.push_back(std::move(row));
  }
  return table;
}

Table spearman_table(const Diagnosis& d) {
  Table table{{"prototype"}, {}};
  for (const int64_t k : d.order) table.columns.push_back(std::to_string(k));
  for (const int64_t k : d.order) {
    table.rows.push_back({std::to_string(k)});
    for (const int64_t j : d.order) table.rows.back().push_back(csv_number(d.spearman[k][j].item<double>()));
  }
  return table;
}

}  // namespace patronus
