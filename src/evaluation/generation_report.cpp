#include "evaluation/generation_report.h"

#include <algorithm>
#include <nlohmann/json.hpp>

#include "evaluation/distance_json.h"
#include "patronus/analysis/settings_json.h"
#include "patronus/core/contains.h"
#include "patronus/core/text.h"
#include "patronus/io/json_text.h"
#include "patronus/io/table.h"

namespace patronus {
namespace {

bool is_split(const std::string& source) {
  return contains(enum_names(Split{}), source);
}

/// What generated sets are compared with.
std::string reference_text(const GenerationEvaluation& g) {
  const std::string count =
      g.counts.compared > 0 ? std::to_string(g.counts.compared) : "an unknown number of";
  if (g.kind == ReferenceKind::kConditions)
    return count + (g.counts.compared == g.counts.conditions ? " test images, the same ones"
                                                             : " test images, these among them");
  if (g.kind == ReferenceKind::kOtherTestImages) return count + " other test images";
  return count + (is_split(g.real) ? " images of the " + g.real + " split" : " real ones (" + g.real + ")");
}

/// The share of images that are nearest to a training image.
RecordField neighbours_field(const std::vector<SetDistance>& sets) {
  std::vector<TrainingNeighbours> counts;
  for (const auto& set : sets) {
    if (set.neighbours) counts.push_back(*set.neighbours);
  }
  return {.key = "nearest_is_training",
          .value = training_share(counts),
          .head = "nearest is a training image",
          .is_known = counts.size() == sets.size()};
}

double number_of(const RecordField& field) {
  const auto* mean = std::get_if<MeanOver>(&field.value);
  return mean != nullptr ? mean->mean : std::get<double>(field.value);
}

std::string shown_name(const GenerationReport& report) {
  return report.name == "real" ? "real images" : report.name;
}

/// Numbers of a report: each distance averaged over its sets, known only if every set has it.
Record report_record(const GenerationReport& report, bool is_fid) {
  std::vector<Record> sets;
  for (const auto& set : report.sets) sets.push_back(distance_record(set, is_fid));
  Record record{shown("images", shown_name(report))};
  for (size_t i = 0; i < sets.front().size(); ++i) {
    RecordField field = sets.front()[i];
    std::vector<double> each;
    for (const auto& set : sets) each.push_back(number_of(set[i]));
    field.is_known =
        std::all_of(sets.begin(), sets.end(), [&](const Record& set) { return set[i].is_known; });
    field.value = mean_over(each, "sets", Deviation::kSample);
    record.push_back(field);
  }
  record.push_back(neighbours_field(report.sets));
  return record;
}

/// Records of reports for a CSV file: with their names, which Markdown alone shows otherwise.
Record named(const GenerationReport& report, const Record& record) {
  return concat({{"images", report.name}}, record);
}

bool is_conditional(const GenerationEvaluation& g) {
  return std::any_of(g.reports.begin(), g.reports.end(),
                     [](const GenerationReport& report) { return report.name == "conditional"; });
}

/// Caveats about the numbers, in sentences.
std::vector<std::string> generation_remarks(const GenerationEvaluation& g) {
  std::vector<std::string> remarks = comparison_remarks(g);
  if (is_conditional(g)) {
    remarks.emplace_back(
        "Conditional images have the activations of real images: how near images of sampled ones are, "
        "unconditional images say.");
  }
  const auto is_of_too_few = [](const GenerationReport& report) {
    return std::any_of(report.sets.begin(), report.sets.end(), [](const auto& set) { return set.too_few; });
  };
  if (std::any_of(g.reports.begin(), g.reports.end(), is_of_too_few)) {
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

std::vector<std::string> comparison_remarks(const GenerationEvaluation& g) {
  std::vector<std::string> remarks;
  const std::string conditions = std::to_string(g.counts.conditions), all = std::to_string(g.test_images);
  const int64_t wanted = g.options.real_images.value_or(g.options.set_images);
  remarks.push_back("Each set has " + conditions + " of " + all +
                    " test images to start from, and is compared with " + reference_text(g) + ".");
  if (g.is_fallback) {
    remarks.push_back("The test split is too small to compare with " + std::to_string(wanted) +
                      " other images, so that the training split is taken (--reference test: with " +
                      std::to_string(divide_test_images(g.test_images, g.options).compared) + " others).");
  }
  if (g.kind == ReferenceKind::kOtherTestImages && g.counts.compared < wanted) {
    remarks.push_back("The test split has no " + std::to_string(wanted) +
                      " other images, so that each set is compared with fewer.");
  }
  if (g.kind == ReferenceKind::kConditions) {
    remarks.emplace_back(
        "Conditional images are compared with the very images that they have the activations of, and are "
        "therefore too near. Real images are compared with other test images.");
  }
  if (g.kind == ReferenceKind::kElsewhere && !is_split(g.real)) {
    remarks.emplace_back(
        "Whether the images that sets start from are among those compared with is not known.");
  }
  if (g.counts.conditions < g.options.set_images) {
    remarks.push_back("There are too few test images for a set of " + std::to_string(g.options.set_images) +
                      ": its images start from the same " + conditions + " again.");
  }
  if (g.counts_of_real.conditions < g.options.set_images) {
    remarks.push_back("Sets of real images have " + std::to_string(g.counts_of_real.conditions) +
                      " images, fewer than generated ones: their Fréchet distance is therefore larger.");
  }
  if (g.training_images > 0) {
    remarks.push_back(
        "Nearest is a training image: one of " + std::to_string(g.training_images) +
        ", rather than one of as many test images, without that which an image starts from. 0.5: "
        "training images are not repeated.");
  } else {
    remarks.emplace_back(
        "Whether images repeat training images is not measured: these are not known (the data are not the "
        "run's, or have none).");
  }
  return remarks;
}

Json generation_json(const GenerationEvaluation& g) {
  const auto known = [](int64_t count) { return count > 0 ? Json(count) : Json(); };
  Json json{{"protocol",
             {{"features", g.features},
              {"real", g.real},
              {"real_are", to_string(g.kind)},
              {"real_images", known(g.counts.compared)},
              {"condition_images", g.counts.conditions},
              {"sets", g.options.sets},
              {"set_images", g.options.set_images},
              {"real_set_images", g.counts_of_real.conditions},
              {"real_set_compared_with", known(g.counts_of_real.compared)},
              {"training_images", known(g.training_images)},
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
  std::string text = "## Generation\n\n" + pluralize(g.options.sets, "set") + " of " +
                     pluralize(g.options.set_images, "image") + " against " + reference_text(g) +
                     ", mean ± sample standard deviation over sets.\n\n" + record_markdown(reports) +
                     "\n- features: " + g.features + "\n";
  for (const auto& report : g.reports) text += "- " + shown_name(report) + ": " + report.protocol + "\n";
  for (const auto& remark : generation_remarks(g)) text += "\n" + remark + "\n";
  return text + "\n";
}

void write_generation(const std::filesystem::path& folder, const GenerationEvaluation& g) {
  std::vector<Record> kinds, sets;
  for (const auto& report : g.reports) {
    kinds.push_back(named(report, report_record(report, g.is_fid)));
    for (size_t i = 0; i < report.sets.size(); ++i) {
      const SetDistance& set = report.sets[i];
      sets.push_back(
          named(report, concat(concat({{"set", static_cast<int64_t>(i)}}, distance_record(set, g.is_fid)),
                               {neighbours_field({set})})));
    }
  }
  write_csv(folder / "generation.csv", record_table(kinds));
  write_csv(folder / "generation-sets.csv", record_table(sets));
}

}  // namespace patronus
