#include "diagnosis/diagnosis_tables.h"

#include <ATen/Functions.h>

#include <algorithm>
#include <nlohmann/json.hpp>

#include "patronus/analysis/settings_json.h"
#include "patronus/core/text.h"
#include "patronus/core/unknown.h"
#include "patronus/io/json_text.h"

namespace patronus {
namespace {

/// "< 0.001", "0.042".
std::string probability(double p) {
  return p < 0.001 ? "< 0.001" : format_fixed(p, 3);
}

/// Mean |change| of an attribute's judged probability when images are regenerated unedited; NaN without a
/// judge.
double identity_change_of(const Diagnosis& d, size_t attribute) {
  if (!d.judge) return kNaN;
  const auto change = (d.judged_identity - d.judged_original).abs();
  return change.select(1, static_cast<int64_t>(attribute)).mean().item<double>();
}

double accuracy_on(const Diagnosis& d, size_t attribute) {
  return d.judge ? d.judge->judge.accuracy[static_cast<int64_t>(attribute)].item<double>() : kNaN;
}

Record association_record(const Association& pair, const std::string& attribute, const std::string& other) {
  return {shown("attributes", attribute + ", " + other),
          {"attribute", attribute},
          {"other", other},
          {"drawn_from", to_string(pair.drawn_from), "drawn from"},
          {"training", pair.training, "training", 2, kSigned},
          {"real", pair.real, "real", 2, kSigned},
          {"generated", pair.generated, "generated", 2, kSigned},
          {"difference", pair.difference, "|generated| - |real|", 2, kSigned},
          {"amplified", pair.is_amplified(), "amplified"},
          {"dependence", pair.dependence}};
}

Record names_record(const PairEffect& pair, const Diagnosis& d) {
  return {{"source", attribute_names(d)[pair.source]}, {"target", attribute_names(d)[pair.target]}};
}

/// The fields of a pair that do not depend on the kind of edit.
Record pair_record(const PairEffect& pair, const Diagnosis& d) {
  return {{"verdict", to_string(pair.verdict)},
          {"agreeing_ways", pair.agreeing()},
          {"ways", pair.ways()},
          {"strongest", to_string(pair.kinds[pair.strongest].kind)},
          {"dependence", pair.dependence},
          {"judge_confounded", are_confounded(d.judge->correlations, pair.source, pair.target)},
          {"edit_confounded", are_confounded(d.encoded.correlations, pair.source, pair.target)},
          {"effect_with_more_steps", pair.effect_with_more_steps.value_or(kNaN)}};
}

Record finding_record(const PairEffect& pair, const KindEffect& kind, const Diagnosis& d) {
  Record of_pair = pair_record(pair, d);
  of_pair.back().is_known = kind.kind == pair.kinds[pair.strongest].kind;  // the one that was measured again
  return concat(concat(names_record(pair, d), effect_record(kind)), of_pair);
}

/// One row per pair and kind of edit.
std::vector<Record> effect_rows(const std::vector<PairEffect>& pairs, const Diagnosis& d) {
  std::vector<Record> rows;
  for (const auto& pair : pairs) {
    for (const auto& kind : pair.kinds) rows.push_back(finding_record(pair, kind, d));
  }
  return rows;
}

}  // namespace

const std::vector<std::string>& attribute_names(const Diagnosis& d) {
  return d.encoded.images.attributes.names;
}

std::string finding_text(const Diagnosis& d, const PairEffect& pair) {
  const auto& names = attribute_names(d);
  const bool brings = pair.kinds[pair.strongest].effect.value > 0;
  return names[pair.source] + (brings ? " brings " : " removes ") + names[pair.target];
}

std::vector<std::string> finding_remarks(const Diagnosis& d, const PairEffect& pair) {
  std::vector<std::string> remarks;
  if (!pair.is_finding()) return remarks;
  if (pair.agreeing() < pair.ways()) {
    const bool by_example = pair.kinds[pair.strongest].kind == EditKind::kExample;
    remarks.push_back(std::string("Found by edits ") + (by_example ? "by example" : "of the prototype") +
                      " alone: perhaps a side effect of editing in that way.");
  }
  if (are_confounded(d.encoded.correlations, pair.source, pair.target)) {
    remarks.emplace_back(
        "The edit was chosen on images in which they go together, or exclude each other, and may be one of "
        "both: give others with words for the data, as data.path=FOLDER.");
  }
  if (are_confounded(d.judge->correlations, pair.source, pair.target)) {
    remarks.emplace_back(
        "The judge learnt from images in which they go together, or exclude each other, and may take one "
        "for the other: give others with --judge.");
  }
  return remarks;
}

std::vector<Record> encoded_records(const Diagnosis& d, const PrototypeNames& names) {
  std::vector<Record> records;
  for (size_t a = 0; a < d.encoded.attributes.size(); ++a) {
    const EncodedAttribute& e = d.encoded.attributes[a];
    const bool is_measured = e.prototype >= 0;
    const std::string label = is_measured ? names.label(e.prototype) + (e.rises ? "" : " (falls)") : "";
    const Record best = known_if(is_measured, {shown("prototype", label),
                                               {"prototype", e.prototype},
                                               {"name", is_measured ? names.name(e.prototype) : ""},
                                               {"rises", e.rises},
                                               {"auroc", e.auroc, "AUROC"},
                                               {"cliffs_delta", e.delta, "Cliff's δ", 2, kSigned},
                                               {"spearman", e.spearman, "Spearman", 2, kSigned},
                                               {"untrained_auroc", e.untrained_auroc, "untrained encoder"}});
    records.push_back(
        concat(concat({{"attribute", e.name, "attribute"}, {"with", e.with}, {"without", e.without}}, best),
               {{"judge_accuracy", accuracy_on(d, a), "judge's accuracy"},
                {"identity_change", identity_change_of(d, a), "unedited: changes"},
                {"not_testable", e.reason_untestable, "not testable"}}));
  }
  return records;
}

namespace {

Record tie_record(const PrototypeTie& tie, const PrototypeNames& names) {
  return {shown("prototypes", names.label(tie.first) + ", " + names.label(tie.second)),
          {"first", tie.first},
          {"first_name", names.name(tie.first)},
          {"second", tie.second},
          {"second_name", names.name(tie.second)},
          {"spearman", tie.spearman, "Spearman", 2, kSigned},
          {"overlap", tie.overlap, "patches overlap", 2},
          {"effect", tie.effect, "first on second", 2, kSigned},
          {"family_p", tie.family_p},
          shown("family p", probability(tie.family_p)),
          {"effect_back", tie.effect_back, "second on first", 2, kSigned},
          {"family_p_back", tie.family_p_back},
          shown("family p", probability(tie.family_p_back)),
          {"verdict", to_string(tie.verdict), "verdict"}};
}

}  // namespace

std::vector<Record> tie_records(const Diagnosis& d, const PrototypeNames& names) {
  return records_of(d.ties.ties, [&](const auto& tie) { return tie_record(tie, names); });
}

Table ties_table(const Diagnosis& d, const PrototypeNames& names) {
  return record_table(tie_records(d, names), tie_record({}, names));
}

Table reach_table(const Diagnosis& d, const PrototypeNames& names) {
  const auto record = [&](const PrototypeReach& r) {
    return Record{{"prototype", r.prototype},
                  {"name", names.name(r.prototype)},
                  {"acts_elsewhere", r.elsewhere},
                  {"share_elsewhere", r.share_elsewhere},
                  {"largest_change", r.largest_change},
                  {"gain", r.gain},
                  {"row", r.row},
                  {"column", r.column},
                  {"strongest_patch", r.box}};
  };
  return record_table(records_of(d.reach, record), record({}));
}

Record effect_record(const KindEffect& k) {
  return {{"edit", to_string(k.kind)},
          shown("edit", to_string(k.kind) + (k.is_found ? ", found" : "")),
          {"images", k.images},
          {"effect", k.effect, "effect", 2, kSigned},
          {"put_in", k.put_in, "put in", 2, kSigned},
          {"taken_away", k.taken, "taken away", 2, kSigned},
          {"p", k.p},
          {"family_p", k.family_p},
          {"fdr", k.fdr},
          shown("p", probability(k.p)),
          shown("family p", probability(k.family_p)),
          shown("FDR", probability(k.fdr)),
          {"found", k.is_found}};
}

std::vector<Record> own_effect_records(const Diagnosis& d) {
  std::vector<Record> records;
  for (size_t t = 0; t < d.trials.size(); ++t) {
    const Record attribute{{"attribute", attribute_names(d)[d.trials[t].attribute], "attribute"}};
    records.push_back(concat(attribute, effect_record(d.own[t])));
  }
  return records;
}

std::vector<Record> association_records(const Diagnosis& d) {
  return records_of(d.associations, [&](const auto& pair) {
    return association_record(pair, attribute_names(d)[pair.a], attribute_names(d)[pair.b]);
  });
}

Table findings_table(const Diagnosis& d) {
  const auto fields = finding_record(PairEffect{.kinds = {{}}}, {}, d);
  auto rows = effect_rows(d.pairs, d);
  for (auto& placebo : effect_rows(d.placebo, d)) rows.push_back(std::move(placebo));
  return record_table(rows, fields);
}

Table associations_table(const Diagnosis& d) {
  return record_table(association_records(d), association_record({}, "", ""));
}

Table prototype_attribute_table(const Diagnosis& d, const PrototypeNames& names) {
  const auto judged_change = [](const std::optional<Control>& control, int64_t k, int64_t a) {
    const bool is_judged =
        control && control->judge_accuracy.defined() && is_reliable(control->judge_accuracy[a]).item<bool>();
    return is_judged ? control->judged_change[k][a].item<double>() : kNaN;
  };
  std::vector<Record> rows;
  for (int64_t k = 0; k < d.auroc.size(1); ++k) {
    for (int64_t a = 0; a < d.auroc.size(0); ++a) {
      rows.push_back({{"prototype", k},
                      {"name", names.name(k)},
                      {"attribute", attribute_names(d)[static_cast<size_t>(a)]},
                      {"auroc", d.auroc[a][k].item<double>()},
                      {"raised", judged_change(d.raised, k, a)},
                      {"lowered", judged_change(d.lowered, k, a)}});
    }
  }
  return record_table(rows);
}

Table spearman_table(const Diagnosis& d) {
  const auto order = at::tensor(d.order);
  return matrix_table("prototype", d.order, d.order,
                      d.spearman.index_select(0, order).index_select(1, order));
}

namespace {

Json pair_json(const PairEffect& pair, const Diagnosis& d) {
  Json json = record_json(concat(names_record(pair, d), pair_record(pair, d)));
  json["remarks"] = finding_remarks(d, pair);
  for (const auto& kind : pair.kinds) json["edits"].push_back(record_json(effect_record(kind)));
  return json;
}

Json protocol_json(const Diagnosis& d, const TrainedModel& trained) {
  const DiagnoseOptions& o = d.options;
  Json json = model_json(trained);
  json["data"] = to_string(trained.config.data.kind);
  json["attributes"] = o.csv.empty() ? "of the data set" : o.csv;
  json["choosing_images"] = d.encoded.halves.choose.size(0);
  json["reporting_images"] = d.encoded.halves.report.size(0);
  json["edited_images"] = d.judge ? std::ssize(d.images.files) : 0;
  json["control_images"] = d.raised ? d.raised->target_change.size(1) : 0;
  add_settings(json, o.experiment.regenerate);
  json["correlated"] = o.experiment.correlated;
  json["repeat_steps"] = d.repeat_steps;
  json["level"] = o.finding.significance_level;
  json["least_effect"] = o.finding.least_effect;
  json["least_auroc"] = o.encoded.least_auroc;
  json["least_correlation"] = o.tie.least_correlation;
  json["most_overlap"] = o.tie.most_overlap;
  json["least_tie_effect"] = o.tie.least_effect;
  json["flips"] = o.finding.flips;
  json["resamples"] = o.finding.resamples;
  json["generated"] = std::min(o.generated, d.encoded.halves.report.size(0));
  json["sampler"] = sampler_text(trained.config.sampling, trained.schedule);
  if (o.latent) add_latent_model(json, *o.latent);
  return json;
}

Json suspect_json(const Suspect& suspect, const PrototypeNames& names) {
  Json json = record_json({{"prototype", suspect.prototype},
                           {"name", names.name(suspect.prototype)},
                           {"spearman", suspect.spearman}});
  for (const auto& told : suspect.tells)
    json["tells"].push_back(record_json({{"attribute", told.what}, {"auroc", told.auroc}}));
  return json;
}

Json judge_json(const DiagnosisJudge& judge) {
  Json json{{"data", judge.data}, {"identity_change", judge.identity_change}};
  for (size_t a = 0; a < judge.judge.names.size(); ++a) {
    json["accuracy"][judge.judge.names[a]] = judge.judge.accuracy[static_cast<int64_t>(a)].item<double>();
  }
  return json;
}

}  // namespace

Json diagnosis_json(const Diagnosis& d, const TrainedModel& trained) {
  Json json{{"protocol", protocol_json(d, trained)}};
  json["left_out"] = d.encoded.images.attributes.left_out;
  json["encoded"] = records_json(encoded_records(d, trained.names));
  if (d.raised) {
    json["ties"] = records_json(tie_records(d, trained.names));
    json["prototype_pairs"] = d.ties.pairs;
    json["same_place"] = d.ties.same_place;
  }
  json["pairs"] = json["own_effects"] = json["placebo"] = json["associations"] = Json::array();
  if (!d.judge) return json;
  json["judge"] = judge_json(*d.judge);
  json["own_effects"] = records_json(own_effect_records(d));
  for (const auto& pair : d.pairs) json["pairs"].push_back(pair_json(pair, d));
  for (const auto& pair : d.placebo) json["placebo"].push_back(pair_json(pair, d));
  if (d.suspects) {
    for (const auto& suspect : d.suspects->suspects)
      json["suspects"].push_back(suspect_json(suspect, trained.names));
  }
  json["associations"] = records_json(association_records(d));
  return json;
}

}  // namespace patronus
