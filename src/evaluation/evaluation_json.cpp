#include "evaluation/evaluation_json.h"

#include <ATen/Functions.h>

#include <algorithm>
#include <functional>

#include "evaluation/distance_json.h"
#include "patronus/analysis/settings_json.h"

namespace patronus {
namespace {

using Json = nlohmann::ordered_json;

Json mean_json(const MeanOverFolds& m, const char* over = "folds") {
  if (m.folds == 0) return nullptr;
  return {{"mean", m.mean}, {"sd", m.deviation}, {over, m.folds}};
}

Json scores_json(const RepresentationScores& s) {
  Json json{{"latent_auroc", mean_json(latent_auroc(s.probe))}};
  if (s.classes) json["class_accuracy"] = mean_json(class_accuracy(*s.classes));
  json["tad"] = mean_json(s.tad.tad);
  json["captured"] = mean_json(s.tad.captured);
  json["possible"] = mean_json(s.tad.possible);
  json["dci"] = {{"disentanglement", s.dci.disentanglement},
                 {"completeness", s.dci.completeness},
                 {"informativeness", s.dci.informativeness}};
  json["mig"] = s.mig.mean;
  return json;
}

Json capture_json(const AttributeCapture& c) {
  return {{"attribute", c.name},
          {"images_with", c.positives},
          {"images_without", c.negatives},
          {"images_unknown", c.unknown},
          {"probe_auroc", mean_json(c.probe)},
          {"prototype", c.prototype},
          {"prototype_auroc", c.auroc},
          {"positive_auroc", c.positive_auroc},
          {"second_auroc", c.second},
          {"redundancy", c.redundancy},
          {"possible", c.possible},
          {"captured", c.captured},
          {"best_prototypes", c.best_prototypes}};
}

/// A number of every set, as mean and sample standard deviation (n - 1) over them; null of one set.
template <class Number>
Json over_sets(const GenerationReport& report, const Number& number) {
  std::vector<double> each;
  for (const auto& set : report.sets) each.push_back(number(set));
  const auto values = at::tensor(each, at::kDouble);
  Json json{{"mean", values.mean().item<double>()}, {"sd", nullptr}, {"sets", values.numel()}};
  if (values.numel() > 1) json["sd"] = values.std(/*unbiased=*/true).item<double>();
  return json;
}

bool all_sets_have(const GenerationReport& report, const std::function<bool(const SetDistance&)>& has) {
  return std::all_of(report.sets.begin(), report.sets.end(), has);
}

Json report_json(const GenerationEvaluation& g, const GenerationReport& report) {
  Json json{
      {"protocol", report.protocol},
      {g.is_fid ? "fid" : "frechet_distance", over_sets(report, [](const auto& d) { return d.frechet; })}};
  if (all_sets_have(report, [](const auto& d) { return d.kernel.has_value(); })) {
    json[g.is_fid ? "kid" : "kernel_distance"] =
        over_sets(report, [](const auto& d) { return d.kernel->mean; });
  }
  if (all_sets_have(report, [](const auto& d) { return d.precision_recall.has_value(); })) {
    const auto add = [&](const char* name, double PrecisionRecall::*number) {
      json[name] = over_sets(report, [&](const auto& d) { return (*d.precision_recall).*number; });
    };
    add("precision", &PrecisionRecall::precision);
    add("recall", &PrecisionRecall::recall);
    add("density", &PrecisionRecall::density);
    add("coverage", &PrecisionRecall::coverage);
  }
  json["sets"] = Json::array();
  for (const auto& set : report.sets) json["sets"].push_back(distance_json(set));
  return json;
}

Json statistics_json(const at::Tensor& values) {
  return {{"mean", values.mean().item<double>()},
          {"sd", values.std(0, /*unbiased=*/false).item<double>()},
          {"worst", values.min().item<double>()}};
}

/// "3 17 5": one cell of a table.
std::string best(const AttributeCapture& capture) {
  std::string text;
  for (const int64_t k : capture.best_prototypes) text += (text.empty() ? "" : " ") + std::to_string(k);
  return text;
}

}  // namespace

Json representation_json(const Representation& r) {
  Json json{{"protocol",
             {{"split", r.split},
              {"images", r.activation.size(0)},
              {"chosen", "at random"},
              {"folds", 5},
              {"probe", "logistic regression to its optimum, L2, C = 1, standardised by the train part"},
              {"tad", "sign-free AUROC at least 0.75 on the train part, redundancy at most 0.2"},
              {"dci", "absolute coefficients of the probes as importances; informativeness: latent AUROC"},
              {"mig", "20 bins of equal width"}}}};
  for (const auto& scores : r.scores) json[scores.name] = scores_json(scores);
  json["left_out"] = r.attributes.left_out;
  json["attributes"] = Json::array();
  for (const auto& capture : r.captures) json["attributes"].push_back(capture_json(capture));
  return json;
}

Json reconstruction_json(const ReconstructionEvaluation& r) {
  Json protocol{{"split", r.split}, {"images", r.mse.size(0)}};
  add_settings(protocol, r.inversion);
  Json mse = statistics_json(r.mse);
  mse["worst"] = r.mse.max().item<double>();
  return {{"protocol", protocol},
          {"mse", mse},
          {"psnr_db", statistics_json(r.psnr)},
          {"ssim", statistics_json(r.ssim)},
          {"evaluations", r.evaluations}};
}

Json generation_json(const GenerationEvaluation& g) {
  Json json{{"protocol",
             {{"features", g.features},
              {"real", g.real},
              {"real_images", g.real_images > 0 ? Json(g.real_images) : Json()},
              {"sets", g.options.sets},
              {"set_images", g.options.set_images},
              {"kernel", "(x.y / D + 1)^3, 100 subsets of at most 1000"},
              {"neighbours", 3}}}};
  for (const auto& report : g.reports) json[report.name] = report_json(g, report);
  return json;
}

Table attribute_table(const Representation& r) {
  Table table{{"attribute"}, {}};
  for (const auto& s : r.scores) {
    table.columns.push_back(s.name + " auroc");
    table.columns.push_back(s.name + " sd");
  }
  for (const char* name :
       {"prototype", "prototype_auroc", "positive_auroc", "second_auroc", "redundancy", "possible",
        "captured", "best_prototypes", "images_with", "images_without", "images_unknown"}) {
    table.columns.emplace_back(name);
  }
  for (size_t a = 0; a < r.captures.size(); ++a) {
    const AttributeCapture& c = r.captures[a];
    std::vector<std::string> row{c.name};
    for (const auto& s : r.scores) {
      const MeanOverFolds auroc = attribute_auroc(s.probe, static_cast<int64_t>(a));
      row.push_back(auroc.folds > 0 ? decimal(auroc.mean) : "");
      row.push_back(auroc.folds > 0 ? decimal(auroc.deviation) : "");
    }
    row.insert(row.end(),
               {std::to_string(c.prototype), decimal(c.auroc), decimal(c.positive_auroc), decimal(c.second),
                decimal(c.redundancy), std::to_string(c.possible), std::to_string(c.captured), best(c),
                std::to_string(c.positives), std::to_string(c.negatives), std::to_string(c.unknown)});
    table.rows.push_back(std::move(row));
  }
  return table;
}

}  // namespace patronus
