#include "evaluation/generation_report.h"

#include <algorithm>
#include <nlohmann/json.hpp>

#include "evaluation/distance_json.h"
#include "patronus/analysis/settings_json.h"
#include "patronus/core/text.h"
#include "patronus/io/json_text.h"

namespace patronus {
namespace {

double number_of(const RecordField& field) {
  const auto* mean = std::get_if<MeanOver>(&field.value);
  return mean != nullptr ? mean->mean : std::get<double>(field.value);
}

/// Distances of a report, each averaged over its sets and known only if every set has it.
Record report_record(const GenerationReport& report, bool is_fid) {
  std::vector<Record> sets;
  for (const auto& set : report.sets) sets.push_back(distance_record(set, is_fid));
  Record record{shown("images", report.name)};
  for (size_t i = 0; i < sets.front().size(); ++i) {
    RecordField field = sets.front()[i];
    std::vector<double> each;
    for (const auto& set : sets) each.push_back(number_of(set[i]));
    field.is_known =
        std::all_of(sets.begin(), sets.end(), [&](const Record& set) { return set[i].is_known; });
    field.value = mean_over(each, "sets", Deviation::kSample);
    record.push_back(field);
  }
  return record;
}

/// Caveats about the numbers, in sentences.
std::vector<std::string> generation_remarks(const GenerationEvaluation& g) {
  std::vector<std::string> remarks;
  const auto any_report = [&](const auto& is_meant) {
    return std::any_of(g.reports.begin(), g.reports.end(), is_meant);
  };
  if (any_report([](const GenerationReport& report) { return report.name == "conditional"; })) {
    remarks.emplace_back(
        "Conditional images have the activations of test images: that they are near to these does not say "
        "how near images from random activations are, as unconditional ones do.");
  }
  const auto is_of_too_few = [](const GenerationReport& report) {
    return std::any_of(report.sets.begin(), report.sets.end(), [](const auto& set) { return set.too_few; });
  };
  if (any_report(is_of_too_few)) {
    remarks.emplace_back(
        "There are no more images than dimensions: the Fréchet distance is too large by an unknown amount.");
  }
  return remarks;
}

}  // namespace

Record distance_record(const SetDistance& distance, bool is_fid) {
  const auto kernel = distance.kernel.value_or(KernelDistance{});
  const auto pr = distance.precision_recall.value_or(PrecisionRecall{});
  return concat(
      {{is_fid ? "fid" : "frechet_distance", distance.frechet, is_fid ? "FID" : "Fréchet distance (not FID)"},
       {.key = is_fid ? "kid" : "kernel_distance",
        .value = MeanOver{kernel.mean, kernel.deviation, kernel.subsets, "subsets"},
        .head = is_fid ? "KID" : "kernel distance",
        .digits = 5,
        .is_known = distance.kernel.has_value()}},
      known_if(distance.precision_recall.has_value(), {{"precision", pr.precision, "precision"},
                                                       {"recall", pr.recall, "recall"},
                                                       {"density", pr.density, "density"},
                                                       {"coverage", pr.coverage, "coverage"}}));
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
  if (g.latent) add_latent_model(json["protocol"], *g.latent);
  json["remarks"] = generation_remarks(g);
  for (const auto& report : g.reports) {
    Json& entry = json[report.name] = {{"protocol", report.protocol}};
    entry.update(record_json(report_record(report, g.is_fid)));
    entry["sets"] = Json::array();
    for (const auto& set : report.sets) entry["sets"].push_back(distance_json(set));
  }
  return json;
}

std::string generation_markdown(const GenerationEvaluation& g) {
  std::vector<Record> reports;
  for (const auto& report : g.reports) reports.push_back(report_record(report, g.is_fid));
  std::string text = "## Generation\n\n" + counted(g.options.sets, "set") + " of " +
                     counted(g.options.set_images, "image") + " against " +
                     (g.real_images > 0 ? std::to_string(g.real_images) : "an unknown number of") +
                     " real ones (" + g.real + "), mean ± sample standard deviation over sets.\n\n" +
                     record_markdown(reports) + "\n- features: " + g.features + "\n";
  for (const auto& report : g.reports) text += "- " + report.name + ": " + report.protocol + "\n";
  for (const auto& remark : generation_remarks(g)) text += "\n" + remark + "\n";
  return text + "\n";
}

}  // namespace patronus
