#include "diagnosis/diagnosis_tables.h"

#include <ATen/Functions.h>

#include <algorithm>
#include <cmath>

#include "patronus/analysis/result_numbers.h"
#include "patronus/analysis/settings_json.h"

namespace patronus {
namespace {

void add_pairs(Table& table, const std::vector<PairEffect>& pairs, const Diagnosis& d) {
  const auto& names = attribute_names(d);
  for (const auto& pair : pairs) {
    for (const auto& kind : pair.kinds) {
      std::vector<std::string> row{names[pair.source], names[pair.target], to_string(kind.kind)};
      append_estimate(row, kind.effect);
      for (const double value : {kind.put_in, kind.taken, kind.p, kind.family_p, kind.fdr}) {
        row.push_back(number_cell(value));
      }
      row.push_back(kind.is_found ? "1" : "0");
      row.push_back(to_string(pair.verdict));
      row.push_back(pair.again ? number_cell(*pair.again) : "");
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
      append_estimate(row, e.auroc);
      row.push_back(number_cell(e.delta));
      append_estimate(row, e.spearman);
      row.push_back(number_cell(e.untrained_auroc));
    }
    row.resize(14);
    row.push_back(d.judge ? number_cell(d.judge->judge.accuracy[static_cast<int64_t>(a)].item<double>())
                          : "");
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
                                 number_cell(pair.training)};
    for (const auto& estimate : {pair.real, pair.generated, pair.difference}) append_estimate(row, estimate);
    table.rows.push_back(std::move(row));
  }
  return table;
}

Table spearman_table(const Diagnosis& d) {
  const auto order = at::tensor(d.order);
  return matrix_table("prototype", d.order, d.order,
                      d.spearman.index_select(0, order).index_select(1, order));
}

namespace {

using Json = nlohmann::ordered_json;

Json effect_json(const KindEffect& k) {
  return {{"edit", to_string(k.kind)},
          {"effect", estimate_json(k.effect)},
          {"put_in", number_json(k.put_in)},
          {"taken_away", number_json(k.taken)},
          {"p", k.p},
          {"family_p", k.family_p},
          {"fdr", k.fdr},
          {"found", k.is_found}};
}

Json pair_json(const PairEffect& pair, const Diagnosis& d) {
  const auto& names = attribute_names(d);
  Json json{{"source", names[pair.source]},
            {"target", names[pair.target]},
            {"verdict", to_string(pair.verdict)},
            {"agreeing_edits", pair.agreeing()},
            {"strongest", to_string(pair.kinds[pair.strongest].kind)},
            {"dependence", pair.dependence},
            {"judge_confounded", d.judge->is_confounded(pair.source, pair.target)},
            {"again", pair.again ? number_json(*pair.again) : Json()}};
  for (const auto& kind : pair.kinds) json["edits"].push_back(effect_json(kind));
  return json;
}

Json encoded_json(const EncodedAttribute& e) {
  Json json{{"attribute", e.name}, {"with", e.with}, {"without", e.without}};
  if (e.prototype >= 0) {
    json["prototype"] = e.prototype;
    json["rises"] = e.rises;
    json["auroc"] = estimate_json(e.auroc);
    json["cliffs_delta"] = e.delta;
    json["spearman"] = estimate_json(e.spearman);
    json["untrained_auroc"] = e.untrained_auroc;
  }
  json["not_testable"] = e.obstacle;
  return json;
}

Json association_json(const Association& pair, const Diagnosis& d) {
  return {{"attribute", attribute_names(d)[pair.a]},
          {"other", attribute_names(d)[pair.b]},
          {"training", number_json(pair.training)},
          {"real", estimate_json(pair.real)},
          {"generated", estimate_json(pair.generated)},
          {"difference", estimate_json(pair.difference)},
          {"amplified", pair.is_amplified()}};
}

Json protocol_json(const Diagnosis& d, const TrainedModel& trained) {
  const DiagnoseOptions& o = d.options;
  Json json = model_json(trained);
  json["data"] = to_string(trained.config.data.kind);
  json["attributes"] = o.csv.empty() ? "of the data set" : o.csv;
  json["choosing_images"] = d.encoded.halves.choose.size(0);
  json["reporting_images"] = d.encoded.halves.report.size(0);
  json["edited_images"] = d.judge ? static_cast<int64_t>(d.images.files.size()) : 0;
  add_settings(json, o.experiment.regenerate);
  json["correlated"] = o.experiment.correlated;
  json["level"] = o.finding.level;
  json["least_effect"] = o.finding.least_effect;
  json["least_auroc"] = o.encoded.least_auroc;
  json["flips"] = o.finding.flips;
  json["resamples"] = o.finding.resamples;
  json["generated"] = o.generated;
  return json;
}

Json suspects_json(const Suspects& s) {
  Json json = Json::array();
  for (const auto& suspect : s.suspects) {
    json.push_back({{"prototype", suspect.prototype},
                    {"tells", suspect.tells},
                    {"auroc", suspect.auroc},
                    {"spearman", suspect.spearman}});
  }
  return json;
}

Json judge_json(const DiagnosisJudge& judge) {
  Json json{{"data", judge.data}, {"identity_change", judge.identity_change}};
  for (size_t a = 0; a < judge.judge.names.size(); ++a) {
    json["accuracy"][judge.judge.names[a]] =
        number_json(judge.judge.accuracy[static_cast<int64_t>(a)].item<double>());
  }
  return json;
}

}  // namespace

Json diagnosis_json(const Diagnosis& d, const TrainedModel& trained) {
  Json json{{"protocol", protocol_json(d, trained)}};
  json["left_out"] = d.encoded.images.attributes.left_out;
  for (const auto& attribute : d.encoded.attributes) json["encoded"].push_back(encoded_json(attribute));
  json["pairs"] = json["own_effects"] = json["placebo"] = json["associations"] = Json::array();
  if (!d.judge) return json;
  json["judge"] = judge_json(*d.judge);
  for (size_t t = 0; t < d.trials.size(); ++t) {
    Json own = effect_json(d.own[t]);
    own["attribute"] = attribute_names(d)[d.trials[t].attribute];
    json["own_effects"].push_back(own);
  }
  for (const auto& pair : d.pairs) json["pairs"].push_back(pair_json(pair, d));
  for (const auto& pair : d.placebo) json["placebo"].push_back(pair_json(pair, d));
  if (d.suspects) json["suspects"] = suspects_json(*d.suspects);
  for (const auto& pair : d.associations) json["associations"].push_back(association_json(pair, d));
  return json;
}

}  // namespace patronus
