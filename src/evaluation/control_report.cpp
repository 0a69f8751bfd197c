#include "patronus/evaluation/control_report.h"

#include <ATen/Functions.h>
#include <ATen/TensorOperators.h>

#include <cmath>
#include <numeric>

#include "patronus/analysis/result_numbers.h"
#include "patronus/core/error.h"
#include "patronus/io/markdown.h"

namespace patronus {
namespace {

using Json = nlohmann::ordered_json;

double at_row(const at::Tensor& numbers, int64_t row) {
  return numbers[row].item<double>();
}

std::string cell(double value, int digits) {
  return std::isfinite(value) ? fixed(value, digits) : "-";
}

Json attribute_json(const AttributeControl& a) {
  return {{"attribute", a.name},
          {"judge_accuracy", number_json(a.judge_accuracy)},
          {"prototype", a.prototype},
          {"positive_auroc", a.auroc},
          {"appears", number_json(a.appears)},
          {"others_change", number_json(a.others)}};
}

Json prototype_json(const Control& c, int64_t row) {
  const int64_t k = c.prototypes[static_cast<size_t>(row)];
  return {{"prototype", k},
          {"images", c.images[row].item<int64_t>()},
          {"gain", number_json(at_row(c.gain, row))},
          {"own_effect", number_json(c.effect[row][k].item<double>())},
          {"drift", number_json(at_row(c.drift, row))},
          {"inside", number_json(at_row(c.inside, row))},
          {"area", number_json(at_row(c.area, row))}};
}

double mean_of(const std::vector<AttributeControl>& all, double AttributeControl::*number) {
  std::vector<double> values;
  for (const auto& a : all) values.push_back(a.*number);
  return at::nanmean(at::tensor(values, at::kDouble)).item<double>();
}

}  // namespace

Json control_json(const ControlEvaluation& e) {
  const ControlSummary& s = e.summary;
  Json json{{"protocol", Json::parse(e.protocol)}, {"split", e.split},
            {"gain", number_json(s.gain)},         {"own_effect", number_json(s.own_effect)},
            {"spill", number_json(s.spill)},       {"directions", number_json(s.directions)},
            {"inside", number_json(s.inside)}};
  json["attributes"] = Json::array();
  for (const auto& attribute : e.attributes) json["attributes"].push_back(attribute_json(attribute));
  json["prototypes"] = Json::array();
  for (int64_t row = 0; row < e.control.images.size(0); ++row) {
    json["prototypes"].push_back(prototype_json(e.control, row));
  }
  return json;
}

std::string control_markdown(const ControlEvaluation& e, const PrototypeNames& names) {
  const ControlSummary& s = e.summary;
  std::string text =
      "## Control\n\nEvery prototype raised by itself to its plausible maximum in images of the " + e.split +
      " split, regenerated from the same noise and encoded again. Effects are in standard deviations of a "
      "prototype's activation in real images, for one asked.\n\n" +
      markdown_head({"prototypes", "gain (median)", "effect on itself (median)", "on others (mean)",
                     "directions", "change inside the patch"}) +
      markdown_line({std::to_string(e.control.prototypes.size()), cell(s.gain, 2), cell(s.own_effect, 2),
                     cell(s.spill, 3), cell(s.directions, 1), cell(s.inside, 2)});
  if (e.attributes.empty()) return text + "\n";
  text += "\n" + markdown_head({"attribute", "prototype", "its AUROC", "attribute appears", "others change",
                                "judge's accuracy"});
  for (const auto& a : e.attributes) {
    text += markdown_line({a.name, names.label(a.prototype), fixed(a.auroc, 3), cell(a.appears, 2),
                           cell(a.others, 3), cell(a.judge_accuracy, 3)});
  }
  return text +
         markdown_line({"mean", "", "", cell(mean_of(e.attributes, &AttributeControl::appears), 2),
                        cell(mean_of(e.attributes, &AttributeControl::others), 3), ""}) +
         "\n";
}

Table control_table(const ControlEvaluation& e, const PrototypeNames& names) {
  const Control& c = e.control;
  Table table{{"prototype", "name", "images", "gain", "own_effect", "drift", "inside", "area"}, {}};
  for (const auto& attribute : c.attributes) {
    table.columns.push_back(attribute + " appears");
    table.columns.push_back(attribute + " vanishes");
  }
  for (int64_t row = 0; row < c.images.size(0); ++row) {
    const int64_t k = c.prototypes[static_cast<size_t>(row)];
    std::vector<std::string> cells{std::to_string(k), names.name(k),
                                   std::to_string(c.images[row].item<int64_t>())};
    for (const auto& numbers : {c.gain, c.effect.select(1, k), c.drift, c.inside, c.area}) {
      cells.push_back(number_cell(at_row(numbers, row)));
    }
    for (size_t a = 0; a < c.attributes.size(); ++a) {
      cells.push_back(number_cell(at_row(c.appears.select(1, static_cast<int64_t>(a)), row)));
      cells.push_back(number_cell(at_row(c.vanishes.select(1, static_cast<int64_t>(a)), row)));
    }
    table.rows.push_back(std::move(cells));
  }
  return table;
}

Table effect_matrix_table(const Control& c) {
  std::vector<int64_t> all(static_cast<size_t>(c.effect.size(1)));
  std::iota(all.begin(), all.end(), 0);
  return matrix_table("raised", c.prototypes, all, c.effect);
}

}  // namespace patronus
