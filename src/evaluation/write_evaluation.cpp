#include "evaluation/write_evaluation.h"

#include <ATen/TensorOperators.h>
#include <cctype>
#include <functional>
#include <map>
#include <nlohmann/json.hpp>

#include "evaluation/generation_report.h"
#include "evaluation/representation_report.h"
#include "patronus/analysis/settings_json.h"
#include "patronus/core/contains.h"
#include "patronus/core/describe.h"
#include "patronus/core/error.h"
#include "patronus/core/log.h"
#include "patronus/core/text.h"
#include "patronus/core/version.h"
#include "patronus/evaluation/control_report.h"
#include "patronus/figures/figure.h"
#include "patronus/io/atomic_file.h"
#include "patronus/io/file_hash.h"
#include "patronus/io/json_text.h"
#include "patronus/io/replace_results.h"
#include "patronus/io/table.h"
#include "patronus/run/record.h"
#include "patronus/run/run_directory.h"

namespace patronus {

namespace fs = std::filesystem;

namespace {

Record reconstruction_record(const ReconstructionEvaluation& r) {
  const auto mean = [](const at::Tensor& values) { return values.mean().item<double>(); };
  const auto deviation = [](const at::Tensor& values) {
    return values.std(0, /*unbiased=*/false).item<double>();
  };
  return {shown("images", std::to_string(r.mse.size(0)) + " (" + r.split + ")"),
          {"mse.mean", mean(r.mse), "MSE", 6},
          {"mse.sd", deviation(r.mse)},
          {"mse.worst", r.mse.max().item<double>()},
          {"psnr_db.mean", mean(r.psnr), "PSNR (dB)", 2},
          {"psnr_db.sd", deviation(r.psnr)},
          {"psnr_db.worst", r.psnr.min().item<double>()},
          {"ssim.mean", mean(r.ssim), "SSIM", 4},
          {"ssim.sd", deviation(r.ssim)},
          {"ssim.worst", r.ssim.min().item<double>()},
          {"evaluations", r.evaluations, "evaluations of the network", 0}};
}

Json reconstruction_json(const ReconstructionEvaluation& r) {
  Json protocol{{"split", r.split}, {"images", r.mse.size(0)}};
  add_settings(protocol, r.inversion);
  Json json{{"protocol", protocol}};
  json.update(record_json(reconstruction_record(r)));
  return json;
}

void write_similarity(const fs::path& folder, const TrainedModel& trained,
                      const SimilarityEvaluation& evaluation) {
  write_csv(folder / "similar-vectors.csv", similarity_table(evaluation.vectors));
  write_csv(folder / "similar-activations.csv", similarity_table(evaluation.activations));
  write_figure(folder / "similarity", draw_similarity(evaluation, trained.names),
               trained.config.runtime.figures);
}

void write_localisation(const fs::path& folder, const TrainedModel& trained, const Localisation& l) {
  write_csv(folder / "localisation.csv", localisation_table(l, trained.names));
  write_figure(folder / "localisation", draw_localisation(l, trained.names), trained.config.runtime.figures);
}

void write_control(const fs::path& folder, const TrainedModel& trained, const ControlEvaluation& evaluation) {
  write_csv(folder / "control.csv", control_table(evaluation, trained.names));
  write_csv(folder / "effects.csv", effect_matrix_table(evaluation.control));
  write_figure(folder / "effects", draw_control(evaluation.control, trained.names),
               trained.config.runtime.figures);
}

/// A part of an evaluation in written form.
struct WrittenPart {
  Json json;
  std::string markdown = {};  // starting with its heading
  // Writes its tables and figures, if it has any.
  std::function<void(const fs::path& draft)> write = [](const fs::path&) {};
  std::string command = {};  // the command line that made it
};

/// Keyed by the part's name.
using WrittenParts = std::map<std::string, WrittenPart>;

WrittenParts written_parts(const TrainedModel& trained, const Evaluation& e) {
  const auto& names = trained.names;
  const auto& formats = trained.config.runtime.figures;
  WrittenParts parts;
  if (const auto& r = e.representation) {
    parts["representation"] = {
        representation_json(*r, names), representation_markdown(*r, names),
        [&](const fs::path& draft) { write_representation(draft, *r, names, formats); }};
  }
  if (const auto& s = e.similarity) {
    parts["similarity"] = {similarity_json(*s), similarity_markdown(*s),
                           [&](const fs::path& draft) { write_similarity(draft, trained, *s); }};
  }
  if (const auto& l = e.localisation) {
    parts["localisation"] = {localisation_json(*l, names), localisation_markdown(*l, names),
                             [&](const fs::path& draft) { write_localisation(draft, trained, *l); }};
  }
  if (const auto& c = e.control) {
    parts["control"] = {control_json(*c, names), control_markdown(*c, names),
                        [&](const fs::path& draft) { write_control(draft, trained, *c); }};
  }
  if (const auto& r = e.reconstruction) {
    parts["reconstruction"] = {reconstruction_json(*r),
                               "## Reconstruction\n\n" + record_markdown({reconstruction_record(*r)}) + "\n"};
  }
  if (const auto& l = e.likelihood) {
    parts["likelihood"] = {likelihood_json(*l), likelihood_markdown(*l), [&](const fs::path& draft) {
                             write_figure(draft / "likelihood", draw_likelihood(*l), formats);
                           }};
  }
  if (const auto& g = e.generation) {
    parts["generation"] = {generation_json(*g), generation_markdown(*g),
                           [&](const fs::path& draft) { write_generation(draft, *g); }};
  }
  return parts;
}

/// Name under which a part's files are listed; replacing one part's files keeps those of others.
std::string command_of(const std::string& part) {
  return "evaluate-" + part;
}

/// A part's section of `markdown`, from its heading to the next one.
std::string section_in(const std::string& markdown, std::string part) {
  part.front() = static_cast<char>(std::toupper(static_cast<unsigned char>(part.front())));
  const size_t start = markdown.find("## " + part + "\n");
  if (start == std::string::npos) return "";
  const size_t next = markdown.find("\n## ", start);
  return markdown.substr(start, next == std::string::npos ? next : next + 1 - start);
}

/// Names of the differences between two headers: "checkpoint, seed". Checkpoints differ by content, not path.
std::vector<std::string> differences(const Json& a, const Json& b) {
  std::vector<std::string> names;
  Json both = a;
  both.update(b);
  for (const auto& [key, value] : both.items()) {
    if (key == "checkpoint" || equal_json_text(a.value(key, Json()), b.value(key, Json()))) continue;
    if (key == "images" && (contains(names, "data") || !a.contains(key)))
      continue;  // as earlier versions wrote
    names.push_back(key == "sha256"     ? "checkpoint"
                    : key == "images"   ? "set of images or labels in the same place"
                    : key == "weights"  ? "kind of weights"
                    : key == "disabled" ? "choice of disabled prototypes"
                                        : key);
  }
  return names;
}

constexpr const char* kMadeFile = "command-evaluate.json";

/// The command line that made each part in the folder, by its name.
Json commands_of_parts(const fs::path& folder) {
  const Json made = fs::exists(folder / kMadeFile) ? read_json(folder / kMadeFile) : Json();
  return made.is_object() ? made.value("parts", Json::object()) : Json::object();
}

/// Results of an earlier call.
struct EarlierEvaluation {
  Json header = Json::object();
  WrittenParts parts = {};
};

EarlierEvaluation read_evaluation(const fs::path& folder) {
  const fs::path numbers = folder / "evaluation.json", tables = folder / "evaluation.md";
  if (!fs::exists(numbers) || !fs::exists(tables)) return {};
  EarlierEvaluation earlier{.header = read_json(numbers)};
  if (!earlier.header.is_object()) return {};
  const std::string markdown = read_file(tables);
  const Json commands = commands_of_parts(folder);
  for (const auto& part : enum_names(EvaluationPart{})) {
    if (!earlier.header.contains(part)) continue;
    earlier.parts[part] = {.json = earlier.header[part],
                           .markdown = section_in(markdown, part),
                           .command = commands.value(part, std::string())};
    earlier.header.erase(part);
  }
  return earlier;
}

/// Parts left by an earlier call, if they have the same header. Others are removed: they are of other
/// weights, images or settings.
WrittenParts earlier_parts(const fs::path& folder, const Json& header) {
  const auto [earlier, parts] = read_evaluation(folder);
  const auto different = differences(earlier, header);
  if (parts.empty() || different.empty()) return parts;
  std::vector<std::string> removed;
  for (const auto& [name, part] : parts) {
    replace_results(folder, command_of(name), part.write);
    removed.push_back(name);
  }
  log_info("removed from " + folder.string() + ", as it is of another " + join(different) + ": " +
           join(removed));
  return {};
}

/// All settings that determine the images.
Json data_json(DataConfig data) {
  static const std::vector<std::string> others{"typed_path", "skip_unreadable", "cache", "cache_gb"};
  const Fields fields(data);
  Json json;
  for (const auto& field : fields.list()) {
    if (!contains(others, field.key)) json[field.key] = value_text(field);
  }
  return json;
}

}  // namespace

Json evaluation_header(const TrainedModel& trained, const DataListing& data, const Dataset& test) {
  Json json = model_json(trained);
  json["sha256"] = file_sha256(trained.checkpoint);
  json["precision"] = to_string(trained.precision);
  json["data"] = data_json(trained.config.data);
  for (const auto& [what, value] : data.report().identity) json["images"][what] = value;
  json["images"]["attributes"] = hexadecimal(data.attributes_hash(), 16);
  if (test.size() > 0) json["images"]["fingerprint of test images"] = hexadecimal(test.fingerprint(), 16);
  return json;
}

void require_no_parts_of_others(const fs::path& folder, const Json& header) {
  const auto [earlier, parts] = read_evaluation(folder);
  const auto different = differences(earlier, header);
  if (parts.empty() || different.empty() || contains(different, "checkpoint")) return;
  throw ConfigError(folder.string() + ": holds an evaluation of the same checkpoint with another " +
                    join(different) + "; choose another --out");
}

void write_evaluation(const fs::path& folder, const Json& header, const TrainedModel& trained,
                      const Evaluation& evaluation, const std::string& command) {
  Json json = header, made{{"command", command}, {"version", program_version()}};
  made.update(header);
  for (const auto* of_data : {"data", "images"}) made.erase(of_data);
  made["parts"] = Json::object();
  WrittenParts parts = earlier_parts(folder, header);
  for (auto& [name, part] : written_parts(trained, evaluation)) {
    replace_results(folder, command_of(name), part.write);
    part.command = command;
    parts[name] = std::move(part);
  }
  std::string markdown =
      "# Evaluation of " + trained.checkpoint.string() + " (" + weights_text(trained) + ")\n\n";
  for (const auto& part : enum_names(EvaluationPart{})) {
    if (!parts.contains(part)) continue;
    json[part] = parts[part].json;
    made["parts"][part] = parts[part].command;
    markdown += parts[part].markdown;
  }
  replace_results(folder, "evaluate", [&](const fs::path& draft) {
    write_file(draft / "evaluation.json", json_text(json));
    write_file(draft / "evaluation.md", markdown);
    write_file(draft / kMadeFile, json_text(made));
  });
}

}  // namespace patronus
