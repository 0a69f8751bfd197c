#include "patronus/evaluation/control_report.h"

#include <ATen/Functions.h>
#include <ATen/TensorOperators.h>

#include "patronus/analysis/edit.h"
#include "patronus/core/text.h"
#include "patronus/core/unknown.h"
#include "patronus/io/json_text.h"
#include "patronus/run/record.h"

namespace patronus {
namespace {

double at_row(const at::Tensor& numbers, int64_t row) {
  return numbers[row].item<double>();
}

template <class Number>
double mean_of(const std::vector<AttributeControl>& all, Number number) {
  std::vector<double> values;
  for (const auto& a : all) values.push_back(number(a));
  return at::nanmean(at::tensor(values, at::kDouble)).item<double>();
}

Record summary_record(const ControlEvaluation& e) {
  const ControlSummary& s = e.summary;
  const Estimate &gain = e.intervals.median_gain, &own = e.intervals.median_own_effect;
  return {shown("prototypes", std::to_string(e.control.prototypes.size())),
          {"gain", s.gain},
          {"gain_low", gain.low},
          {"gain_high", gain.high},
          shown("gain (median)", estimate_text(gain, 2)),
          {"own_effect", s.own_effect},
          {"own_effect_low", own.low},
          {"own_effect_high", own.high},
          shown("effect on itself (median)", estimate_text(own, 2)),
          {"spill", s.spill, "on others (mean)"},
          {"directions", s.directions, "directions", 1},
          {"real_directions", s.real_directions, "of real images", 1},
          {"inside", s.inside, "change inside the patch", 2},
          {"area", s.area, "patch's share of the image", 2}};
}

Record attribute_record(const AttributeControl& a, const PrototypeNames& names) {
  return {{"attribute", a.name, "attribute"},
          {"prototype", a.prototype},
          {"name", names.name(a.prototype)},
          shown("prototype", names.label(a.prototype) + (a.lowered ? " (falls)" : "")),
          {"edit", a.lowered ? "lowered" : "raised", "edit"},
          {"positive_auroc", a.auroc},
          shown("its AUROC", format_fixed(a.lowered ? 1 - a.auroc : a.auroc, 3)),
          {"appears", a.appears.value},
          {"appears_low", a.appears.low},
          {"appears_high", a.appears.high},
          {"images_without", a.without, "images without it"},
          shown("attribute appears", estimate_text(a.appears, 2)),
          {"others_change", a.others, "others change"},
          {"judge_accuracy", a.judge_accuracy, "judge's accuracy"}};
}

/// Last row of the table of attributes.
Record mean_record(const std::vector<AttributeControl>& all) {
  return {shown("attribute", "mean"),
          shown("prototype", ""),
          shown("edit", ""),
          shown("its AUROC", ""),
          shown("images without it", ""),
          {"appears", mean_of(all, [](const auto& a) { return a.appears.value; }), "attribute appears", 2},
          {"others_change", mean_of(all, [](const auto& a) { return a.others; }), "others change"},
          shown("judge's accuracy", "")};
}

std::vector<Record> attribute_records(const ControlEvaluation& e, const PrototypeNames& names) {
  return records_of(e.attributes, [&](const auto& a) { return attribute_record(a, names); });
}

std::vector<Record> prototype_records(const ControlEvaluation& e, const PrototypeNames& names) {
  const Control& c = e.control;
  std::vector<Record> records;
  for (int64_t row = 0; row < c.images.size(0); ++row) {
    const int64_t k = c.prototypes[row];
    records.push_back({{"prototype", k},
                       {"name", names.name(k)},
                       {"images", c.images[row].item<int64_t>()},
                       {"gain", at_row(c.gain, row)},
                       {"gain_low", at_row(e.intervals.gain.low, row)},
                       {"gain_high", at_row(e.intervals.gain.high, row)},
                       {"own_effect", c.effect[row][k].item<double>()},
                       {"own_effect_low", at_row(e.intervals.own_effect.low, row)},
                       {"own_effect_high", at_row(e.intervals.own_effect.high, row)},
                       {"drift", at_row(c.drift, row)},
                       {"inside", at_row(c.inside, row)},
                       {"area", at_row(c.area, row)}});
  }
  return records;
}

}  // namespace

Json control_json(const ControlEvaluation& e, const PrototypeNames& names) {
  Json json{{"protocol", e.protocol}, {"split", e.split}};
  json.update(record_json(summary_record(e)));
  json["attributes"] = records_json(attribute_records(e, names));
  json["prototypes"] = records_json(prototype_records(e, names));
  return json;
}

std::string control_markdown(const ControlEvaluation& e, const PrototypeNames& names) {
  std::string text =
      "## Control\n\nEvery prototype raised by itself to its plausible maximum in " +
      std::to_string(e.protocol.at("images").get<int64_t>()) + " images of the " + e.split +
      " split, regenerated from the same noise and encoded again. Effects are in standard deviations of a "
      "prototype's activation in real images, for one asked.\n\n" +
      record_markdown({summary_record(e)});
  if (e.attributes.empty()) return text + "\n";
  auto attributes = attribute_records(e, names);
  attributes.push_back(mean_record(e.attributes));
  return text +
         "\nOf each attribute, the prototype that tells it best in at most 2,000 training images is raised, "
         "or lowered to its plausible minimum where its activation falls with the attribute. Its AUROC is of "
         "other training images.\n\n" +
         record_markdown(attributes) + "\n";
}

Table control_table(const ControlEvaluation& e, const PrototypeNames& names) {
  const Control& c = e.control;
  auto records = prototype_records(e, names);
  for (size_t row = 0; row < records.size(); ++row) {
    for (size_t a = 0; a < c.attributes.size(); ++a) {
      const auto column = static_cast<int64_t>(a);
      const bool is_judged = is_reliable(c.judge_accuracy[column]).item<bool>();
      const auto number = [&](const at::Tensor& of_all) {
        return is_judged ? of_all[static_cast<int64_t>(row)][column].item<double>() : kNaN;
      };
      records[row].push_back({c.attributes[a] + " appears", number(c.appears)});
      records[row].push_back({c.attributes[a] + " vanishes", number(c.vanishes)});
    }
  }
  return record_table(records);
}

Table effect_matrix_table(const Control& c) {
  return matrix_table(c.lowers ? "lowered" : "raised", c.prototypes, chosen_prototypes({}, c.effect.size(1)),
                      c.effect);
}

}  // namespace patronus
