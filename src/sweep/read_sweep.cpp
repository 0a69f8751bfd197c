#include <algorithm>
#include <functional>
#include <nlohmann/json.hpp>
#include <optional>
#include <set>
#include <sstream>

#include "patronus/core/config.h"
#include "patronus/core/config_files.h"
#include "patronus/core/contains.h"
#include "patronus/core/error.h"
#include "patronus/core/load_yaml.h"
#include "patronus/core/text.h"
#include "patronus/io/atomic_file.h"
#include "sweep/make_points.h"

namespace patronus {
namespace {

namespace fs = std::filesystem;
using Words = std::vector<std::string>;

bool is_json_place(const std::string& pointer) {
  try {
    return !nlohmann::json::json_pointer(pointer).empty();
  } catch (const nlohmann::json::exception&) {
    return false;
  }
}

/// Whether there are settings below a dotted key.
bool is_section(const std::string& key) {
  RunConfig config;
  const Fields fields(config);
  return std::any_of(fields.list().begin(), fields.list().end(),
                     [&](const Field& field) { return field.key.starts_with(key + "."); });
}

/// Throws ConfigError for a command-line word that is not a setting.
void check_overrides(const Words& overrides) {
  RunConfig config;
  apply_overrides(config, overrides);
}

/// Reads the parts of a sweep file; error messages start with file and line.
class SweepFile {
 public:
  explicit SweepFile(const fs::path& path)
      : path_(path.string()), root_(load_yaml(read_file(path), path_, "a sweep")) {
    if (!root_.IsMap()) throw ConfigError(path_ + ": expected `key: value` lines");
    require_known_keys();
  }

  Words configs() const { return texts("config"); }

  /// "key=value" for each setting in the section `name`; empty if absent.
  Words settings(const std::string& name) const {
    return root_[name] ? settings_of(root_[name], name) : Words{};
  }

  /// The settings of every point, except seeds: the listed points, or all combinations of a grid, whose first
  /// key varies slowest.
  std::vector<Words> combinations() const {
    if (root_["grid"] && root_["points"]) fail(root_["points"], "a sweep has a grid or points, not both");
    if (root_["points"]) return listed_points();
    return root_["grid"] ? grid_points() : std::vector<Words>{{}};
  }

  std::vector<int64_t> seeds() const {
    std::vector<int64_t> seeds;
    if (!root_["seeds"]) return seeds;
    for (const auto& node : list("seeds")) {
      RunConfig config;
      setting(node, "seed", config);
      if (contains(seeds, config.seed)) fail(node, "seed " + std::to_string(config.seed) + " is given twice");
      seeds.push_back(config.seed);
    }
    return seeds;
  }

  bool start() const {
    const YAML::Node node = root_["start"];
    bool value = false;
    if (node && !YAML::convert<bool>::decode(node, value)) fail(node, "start must be true or false");
    return value;
  }

  std::vector<Words> commands() const {
    std::vector<Words> commands;
    if (!root_["commands"]) return commands;
    for (const auto& node : list("commands")) commands.push_back(command(node));
    return commands;
  }

  /// Position of each command: "study.yaml:7: ".
  Words command_positions() const {
    Words positions;
    for (const auto& node : root_["commands"]) positions.push_back(position(node, path_));
    return positions;
  }

  /// A section of names and places, or a list of places that are their own names.
  std::vector<SweepColumn> columns() const {
    std::vector<SweepColumn> columns;
    const YAML::Node node = root_["columns"];
    if (node && node.IsSequence()) {
      for (const auto& text : texts("columns"))
        columns.push_back(column(node, text.substr(text.find('#') + 1), text));
    } else {
      for_each_text("columns",
                    [&](const YAML::Node& entry, const std::string& name, const std::string& text) {
                      columns.push_back(column(entry, name, text));
                    });
    }
    return columns;
  }

  std::vector<SweepPicture> pictures() const {
    std::vector<SweepPicture> pictures;
    for_each_text("pictures", [&](const YAML::Node& node, const std::string& name, const std::string& text) {
      static const Words others{"", ".", "..", "sweep"};
      if (fs::path(name).filename() != name || contains(others, name))
        fail(node, "picture " + name + ": expected a name that a file can have, and not sweep");
      pictures.push_back({name, text});
    });
    return pictures;
  }

 private:
  [[noreturn]] void fail(const YAML::Node& node, const std::string& what) const {
    throw ConfigError(position(node, path_) + what);
  }

  SweepColumn column(const YAML::Node& node, const std::string& name, const std::string& text) const {
    const size_t hash = text.find('#');
    SweepColumn column{name, "evaluate/evaluation.json", text};
    if (hash != std::string::npos) column = {name, text.substr(0, hash), text.substr(hash + 1)};
    if (column.file.empty() || column.pointer.empty()) {
      fail(node, "column " + name +
                     ": expected a number's name in evaluate/evaluation.json, as gain, or FILE#NAME, as "
                     "metrics.jsonl#loss");
    }
    if (!column.is_metric() && column.is_place() && !is_json_place(column.pointer))
      fail(node, "column " + name + ": expected a place in JSON, as #/control/gain");
    return column;
  }

  void require_known_keys() const {
    static const Words known{"config", "settings", "grid",    "points",  "seeds",
                             "start",  "commands", "columns", "pictures"};
    for_each_entry(root_, "", [&](const YAML::Node& key, const std::string& name, const YAML::Node&) {
      if (!contains(known, name))
        fail(key, "unknown key " + name + did_you_mean(name, known) + "; a sweep has " + join(known));
    });
  }

  using Take = std::function<void(const YAML::Node& key, const std::string& name, const YAML::Node& value)>;

  /// Calls `take` for each `name: value` of a section.
  void for_each_entry(const YAML::Node& section, const std::string& what, const Take& take) const {
    if (!section.IsMap()) fail(section, what + " is a section: expected keys below it");
    std::set<std::string> seen;
    for (const auto& entry : section) {
      if (!entry.first.IsScalar()) fail(entry.first, "expected `key: value` lines");
      const std::string name = entry.first.Scalar();
      if (!seen.insert(name).second) fail(entry.first, "key " + name + " appears twice");
      take(entry.first, name, entry.second);
    }
  }

  /// The same for settings, with dotted keys for nested ones.
  void for_each_setting(const YAML::Node& section, const std::string& what, const std::string& prefix,
                        const Take& take) const {
    for_each_entry(section, what,
                   [&](const YAML::Node& key, const std::string& name, const YAML::Node& value) {
                     const std::string full = prefix + name;
                     if (value.IsMap() && is_section(full))
                       return for_each_setting(value, what, full + ".", take);
                     take(key, full, value);
                   });
  }

  void for_each_text(const std::string& name,
                     const std::function<void(const YAML::Node&, const std::string& key,
                                              const std::string& text)>& take) const {
    if (!root_[name]) return;
    for_each_entry(root_[name], name,
                   [&](const YAML::Node& node, const std::string& key, const YAML::Node& value) {
                     if (!value.IsScalar()) fail(node, name + ": expected a text behind " + key);
                     take(node, key, value.Scalar());
                   });
  }

  YAML::Node list(const std::string& name) const {
    const YAML::Node node = root_[name];
    if (!node.IsSequence() || node.size() == 0) fail(node, name + " must be a list of at least one");
    return node;
  }

  /// A single text or a list of texts.
  Words texts(const std::string& name) const {
    const YAML::Node node = root_[name];
    if (!node) return {};
    if (node.IsScalar()) return {node.Scalar()};
    Words texts;
    for (const auto& text : list(name)) {
      if (!text.IsScalar()) fail(text, name + " must be a text or a list of them");
      texts.push_back(text.Scalar());
    }
    return texts;
  }

  /// A command's words: a list, or text split at blanks.
  Words command(const YAML::Node& node) const {
    Words words;
    if (node.IsScalar()) {
      std::istringstream text(node.Scalar());
      for (std::string word; text >> word;) words.push_back(word);
    } else if (node.IsSequence()) {
      for (const auto& word : node) {
        if (!word.IsScalar()) fail(word, "commands: expected words in the list of a command");
        words.push_back(word.Scalar());
      }
    }
    if (words.empty() || words.front().empty())
      fail(node, "commands: expected a text, as evaluate --parts similarity, or a list of words");
    return words;
  }

  /// A value as on the command line: "8", "[32, 64]".
  std::string text_of(const YAML::Node& value, const std::string& key) const {
    if (value.IsScalar()) return value.Scalar();
    if (!value.IsSequence()) return "";
    YAML::Emitter text;
    text << YAML::Flow << YAML::BeginSeq;
    for (const auto& element : value) {
      if (!element.IsScalar()) fail(element, key + ": expected a value, or a list of values");
      text << element.Scalar();
    }
    text << YAML::EndSeq;
    return text.c_str();
  }

  /// "key=value", applied to `config` to reject unknown keys and wrong values.
  std::string setting(const YAML::Node& value, const std::string& key, RunConfig& config) const {
    const std::string word = key + "=" + text_of(value, key);
    const Fields fields(config);
    if (value.IsMap() && fields.find(key)) fail(value, key + ": expected a value, or a list of values");
    try {
      apply_override(fields, word);
    } catch (const ConfigError& e) {
      fail(value, e.what());
    }
    return word;
  }

  Words settings_of(const YAML::Node& section, const std::string& what) const {
    Words settings;
    RunConfig config;
    for_each_setting(section, what, "",
                     [&](const YAML::Node&, const std::string& key, const YAML::Node& value) {
                       settings.push_back(setting(value, key, config));
                     });
    return settings;
  }

  std::vector<Words> listed_points() const {
    std::vector<Words> points;
    for (const auto& node : list("points")) points.push_back(settings_of(node, "a point"));
    return points;
  }

  std::vector<Words> grid_points() const {
    std::vector<Words> points{{}};
    RunConfig config;
    for_each_setting(root_["grid"], "grid", "",
                     [&](const YAML::Node& node, const std::string& key, const YAML::Node& values) {
                       if (!values.IsSequence() || values.size() == 0)
                         fail(node, "grid: expected a list of values behind " + key);
                       if (points.size() * values.size() > kMaxSweepPoints)
                         fail(node, "grid: more than " + std::to_string(kMaxSweepPoints) + " combinations");
                       std::vector<Words> longer;
                       for (const auto& point : points) {
                         for (const auto& value : values) {
                           longer.push_back(point);
                           longer.back().push_back(setting(value, key, config));
                         }
                       }
                       points = std::move(longer);
                     });
    return points;
  }

  std::string path_;
  YAML::Node root_;
};

}  // namespace

fs::path find_sweep(const std::string& name) {
  return find_yaml(name, shipped_configs() / "sweeps", "sweep");
}

SweepPlan read_sweep(const fs::path& path, const Words& overrides) {
  check_overrides(overrides);
  const SweepFile file(path);
  SweepPlan sweep{.name = path.stem().string(),
                  .configs = file.configs(),
                  .keys = {},
                  .labels = {},
                  .points = {},
                  .commands = file.commands(),
                  .command_positions = file.command_positions(),
                  .columns = file.columns(),
                  .pictures = file.pictures()};
  const PointSettings settings{.common = file.settings("settings"),
                               .combinations = file.combinations(),
                               .seeds = file.seeds(),
                               .overrides = overrides,
                               .start = file.start()};
  with_context(path.string(), [&] { make_points(sweep, settings); });
  return sweep;
}

}  // namespace patronus
