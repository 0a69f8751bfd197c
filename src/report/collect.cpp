#include <map>

#include "patronus/core/error.h"
#include "patronus/core/text.h"
#include "patronus/io/atomic_file.h"
#include "patronus/io/json_text.h"
#include "patronus/report/report.h"
#include "patronus/run/prototype_names.h"
#include "patronus/run/run_config.h"
#include "report/overview.h"
#include "report/prototype_pictures.h"
#include "report/provenance.h"
#include "report/run_records.h"

namespace patronus {
namespace {

/// An analysis, the file that records how it was made, and what a report lacks without it.
struct Analysis {
  const char* command;
  const char* record;
  const char* gives;
  bool of_prototypes = true;  // whether it needs prototypes, which a model without condition lacks
};

constexpr Analysis kAnalyses[] = {
    {"visualize-prototypes", "visualize-prototypes/index.json",
     "pictures of the prototypes, their effects and nearest real patches"},
    {"evaluate", "evaluate/evaluation.json", "metrics, and what raising each prototype does", false},
    {"emergence", "emergence/emergence.json", "when prototypes show in denoising, and when they are decided"},
    {"diagnose", "diagnose/diagnose.json", "which prototypes and attributes the model ties together"},
};

/// A table and, for one of `evaluate`, the part of the evaluation that it belongs to. If evaluation.json
/// lacks that part, the table is from an earlier call and is not shown.
struct RecordTable {
  const char* name;
  const char* part = nullptr;
};

constexpr RecordTable kTables[] = {
    {"visualize-prototypes/prototypes.csv"},
    {"evaluate/attributes.csv", "representation"},
    {"evaluate/control.csv", "control"},
    {"evaluate/effects.csv", "control"},
    {"emergence/prototypes.csv"},
    {"emergence/emergence.csv"},
    {"emergence/decided.csv"},
    {"emergence/condition.csv"},
    {"diagnose/encoded.csv"},
    {"diagnose/spearman.csv"},
    {"diagnose/effects.csv"},
};

/// Pictures in a subfolder whose names begin with `prefix`.
struct PictureGroup {
  const char* folder;
  const char* prefix;
  bool last_only = false;  // only those of the latest training step
};

constexpr PictureGroup kPictures[] = {
    {"samples", "samples-", true},  {"samples", "reconstruction-", true},
    {"sample", "samples"},          {"reconstruct", "reconstruct"},
    {"interpolate", "interpolate"}, {"manipulate", "manipulate"},
    {"explain", "explain"},         {"compare", "compare"},
    {"emergence", "strip-"},        {"diagnose", "suspects"},
    {"diagnose", "ties"},           {"diagnose", "reach"},
    {"diagnose/findings", ""},
};

/// Commands of which the report shows pictures, of a comparison tables, too, but which it does not miss.
constexpr const char* kDrawing[] = {"sample",     "reconstruct", "interpolate",
                                    "manipulate", "explain",     "compare"};

/// Sorts pictures of a training by step. Their numbers have leading zeros, but large ones have more digits.
std::pair<size_t, std::string> by_step(const std::string& name) {
  return {name.size(), name};
}

class Collector {
 public:
  explicit Collector(const RunDirectory& run)
      : run_(run),
        records_(run),
        config_text_(read_file(run.file("config.yaml"))),
        config_(run_config_from_yaml(config_text_, run.file("config.yaml").string())) {}

  Report collect() {
    add_run();
    add_prototypes();
    add_records();
    report_.content["told"] = predicted_attributes(report_.content);
    add_pictures();
    add_provenance();
    if (!report_.content["records"]["evaluate"].is_null()) check_parts_of_evaluation();
    Json& remarks = report_.content["remarks"] = Json::array();
    for (const auto& r : report_.remarks) remarks.push_back({{"what", r.what}, {"command", r.command}});
    return std::move(report_);
  }

 private:
  void add_run() {
    Json& content = report_.content;
    const Json status = records_.json("status.json");
    step_ = status.value("step", int64_t{0});
    content["name"] =
        std::filesystem::absolute(run_.path() / "").lexically_normal().parent_path().filename().string();
    content["state"] = status.value("state", "unknown");
    content["step"] = step_;
    content["facts"] = config_facts(config_);
    content["config"] = config_text_;
    content["environment"] = records_.json("environment.json");
    content["data"] = records_.json("data.json");
    content["health"] = latest_health(run_);
    content["charts"] = metric_charts(run_);
  }

  void add_prototypes() {
    const int64_t count = config_.model.prototypes.count;
    const PrototypeNames names(run_.file("names.yaml"), count);
    Json& list = report_.content["prototypes"] = Json::array();
    if (!is_conditional()) return;
    for (int64_t k = 0; k < count; ++k) list.push_back(names.name(k));
    report_.content["views"] = prototype_pictures(records_);
  }

  void add_records() {
    Json records = Json::object(), tables = Json::object();
    for (const auto& analysis : kAnalyses) records[analysis.command] = records_.json(analysis.record);
    records["compare"] = records_.json("compare/compare.json");
    // The page shows only the candidate on the sheet, which is in the views, not the list of all candidates.
    if (Json& index = records["visualize-prototypes"]; !index.is_null()) index.erase("prototypes");
    for (const auto& table : kTables) {
      if (!table.part || records["evaluate"].contains(table.part))
        tables[table.name] = records_.table(table.name);
    }
    report_.content["records"] = std::move(records);
    report_.content["tables"] = std::move(tables);
  }

  void add_pictures() {
    Json& pictures = report_.content["pictures"] = Json::object();
    for (const auto& group : kPictures) {
      auto names = records_.pictures(group.folder, group.prefix);
      if (group.last_only && !names.empty()) names = {*std::ranges::max_element(names, {}, by_step)};
      for (const auto& name : names) pictures[name] = png_uri(read_file(run_.file(name)));
    }
  }

  bool is_conditional() const { return config_.model.unet.condition != ConditionKind::kOff; }

  bool has_attributes() const {
    const Json& data = report_.content["data"];
    return data.is_object() && data.contains("attributes") && !data["attributes"].empty();
  }

  std::string command(const std::string& name) const {
    return "patronus " + name + " --run " + shell_quoted(run_.path().string());
  }

  void remark(const std::string& what, const std::string& made_by) {
    report_.remarks.push_back({what, made_by});
  }

  /// Records the models that all results come from. Remarks on missing analyses, and on results that do not
  /// come from the run's current models.
  void add_provenance() {
    const Provenances provenances(records_, step_);
    report_.content["made"] = Json::object();
    for (const auto& analysis : kAnalyses) {
      if (!is_conditional() && analysis.of_prototypes) continue;
      if (report_.content["records"][analysis.command].is_null())
        remark(std::string("not there: ") + analysis.gives, command(analysis.command));
      else if (analysis.command == std::string("evaluate"))
        add_evaluation(provenances);
      else
        add_made(analysis.command, provenances.of(analysis.command));
    }
    for (const char* name : kDrawing) {
      if (has_pictures_of(name) || !report_.content["records"].value(name, Json()).is_null())
        add_made(name, provenances.of(name));
    }
    if (auto latent = provenances.of_latent_model()) {
      // It does not go on from one of other weights.
      latent->typed =
          "rm -r " + shell_quoted(run_.file("latent").string()) + " && " + command("train-latent");
      add_made("train-latent", *latent);
    }
  }

  void note_made(const std::string& name, const Provenance& made) {
    report_.content["made"][name] = {
        {"command", made.command}, {"models", made.models}, {"stale", made.is_stale}};
  }

  void add_made(const std::string& name, const Provenance& made) {
    note_made(name, made);
    if (made.is_stale) remark(made.text(), made.typed.empty() ? command(name) : made.typed);
  }

  /// Only generated images come from the latent model, and each part from a command line of its own.
  void add_evaluation(const Provenances& provenances) {
    const Json& evaluation = report_.content["records"]["evaluate"];
    const Provenance all = provenances.of("evaluate");
    note_made("evaluate", all);
    if (all.is_stale) {
      std::map<std::string, std::vector<std::string>> parts_by_command;
      for (const auto& [part, typed] : provenances.commands_of_evaluation())
        parts_by_command[typed].push_back(part);
      for (const auto& [typed, parts] : parts_by_command)
        remark("evaluate (" + join(parts) + ") is " + all.models, typed);
      if (parts_by_command.empty()) remark(all.text(), command("evaluate"));
    }
    const auto generation = provenances.of_generation(evaluation);
    if (!generation) return;
    note_made("generation", *generation);
    if (generation->is_stale && !all.is_stale) remark(generation->text(), generation->typed);
  }

  bool has_pictures_of(const std::string& command) const {
    const Json& pictures = report_.content["pictures"];
    return std::any_of(pictures.items().begin(), pictures.items().end(),
                       [&](const auto& picture) { return picture.key().starts_with(command + "/"); });
  }

  void check_parts_of_evaluation() {
    const Json& evaluation = report_.content["records"]["evaluate"];
    const auto lacks = [&](const std::string& part, const char* gives, const std::string& more = "") {
      if (!evaluation.contains(part))
        remark(std::string("not there: ") + gives, command("evaluate") + " --parts " + part + more);
    };
    if (is_conditional() && has_attributes()) lacks("representation", "what prototypes tell of attributes");
    if (is_conditional()) lacks("control", "what raising each prototype does");
    lacks("generation", "how near generated images are to real ones", " --features random");
  }

  const RunDirectory& run_;
  RunRecords records_;
  std::string config_text_;
  RunConfig config_;
  int64_t step_ = 0;
  Report report_;
};

}  // namespace

Report collect_report(const RunDirectory& run) {
  require_folder_of_run(run.path());
  if (!run.is_run()) {
    throw ConfigError(run.path().string() +
                      ": not a run of this program (no status.json); name one with --run" +
                      did_you_mean_run(run.path()));
  }
  try {
    return Collector(run).collect();
  } catch (const Json::exception& e) {
    throw DataError(run.path().string() + ": a record is not as its command writes it: " + e.what());
  }
}

}  // namespace patronus
