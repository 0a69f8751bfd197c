#include "sweep/make_points.h"

#include <algorithm>
#include <cctype>
#include <functional>
#include <iterator>
#include <map>

#include "patronus/core/config_files.h"
#include "patronus/core/contains.h"
#include "patronus/core/error.h"
#include "patronus/core/text.h"
#include "patronus/run/configs_for_data.h"
#include "patronus/run/source_weights.h"

namespace patronus {
namespace {

namespace fs = std::filesystem;
using Words = std::vector<std::string>;

Words keys_of(const std::vector<Words>& combinations) {
  Words keys;
  for (const auto& words : combinations) {
    for (const auto& word : words) {
      if (!contains(keys, key_of_setting(word))) keys.push_back(key_of_setting(word));
    }
  }
  if (contains(keys, "seed")) throw ConfigError("seed is set by a point; list seeds under the key seeds");
  return keys;
}

/// The shortest tail of a dotted key that is unique among `keys`.
std::string short_label(const std::string& key, const Words& keys) {
  for (size_t dot = key.rfind('.'); dot != std::string::npos && dot > 0; dot = key.rfind('.', dot - 1)) {
    const auto alike = std::count_if(keys.begin(), keys.end(), [&](const auto& other) {
      return ("." + other).ends_with(key.substr(dot));
    });
    if (alike == 1) return key.substr(dot + 1);
  }
  return key;
}

/// A value in a form for file names: "[32, 64]" as "32-64".
std::string in_file_name(const std::string& value) {
  std::string name;
  bool gap = false;
  for (const char c : value) {
    const bool plain =
        std::isalnum(static_cast<unsigned char>(c)) || std::string("+-._").find(c) != std::string::npos;
    if (plain && gap && !name.empty()) name += '-';
    if (plain) name += c;
    gap = !plain;
  }
  return name;
}

Words values_of(RunConfig config, const Words& keys) {
  const Fields fields(config);
  Words values;
  for (const auto& key : keys) values.push_back(value_text(*fields.find(key)));
  return values;
}

/// Adds points to a sweep whose keys are known.
class PointMaker {
 public:
  PointMaker(SweepPlan& sweep, const PointSettings& settings) : sweep_(sweep), settings_(settings) {}

  void add(const Words& combination, const Words& seed) {
    SweepPoint point;
    point.settings = merged({settings_.common, combination, seed, settings_.overrides});
    point.command_settings = chosen(point.settings, is_free_of_training);
    std::vector<fs::path> files;
    for (const auto& name : configs_for_data(sweep_.configs, point.settings))
      files.push_back(find_config(name));
    point.config = with_context(text_of(combination), [&] { return load_run_config(files, point.settings); });
    if (files.empty() && point.config.training.from.empty()) {
      throw ConfigError(
          "config is missing: a configuration file, or the name of a shipped one; or a run to begin with, "
          "--from RUN");
    }
    describe(point);
    if (!seed.empty()) point.name += (point.name.empty() ? "seed-" : "_seed-") + std::to_string(point.seed);
    if (point.name.empty()) point.name = "run";
    sweep_.points.push_back(std::move(point));
  }

  void add_start(const fs::path& source) {
    if (source.empty())
      throw ConfigError("start: the points begin with no run; give --from RUN, or set training.from");
    SweepPoint point;
    point.config = source_config(source);
    const auto is_of_commands = [](const std::string& key) {
      return key.starts_with("data.") || is_free_of_training(key);
    };
    point.command_settings = chosen(merged({settings_.common, settings_.overrides}), is_of_commands);
    apply_overrides(point.config, point.command_settings);
    point.config.training.from = source.string();
    point.is_start = true;
    describe(point);
    point.name = point.row = "start";
    sweep_.points.insert(sweep_.points.begin(), std::move(point));
  }

 private:
  /// The `words` whose keys are so.
  static Words chosen(const Words& words, const std::function<bool(const std::string&)>& is_so) {
    Words found;
    std::ranges::copy_if(words, std::back_inserter(found),
                         [&](const std::string& word) { return is_so(key_of_setting(word)); });
    return found;
  }

  /// The settings of all lists; of those with one key the last.
  static Words merged(const std::vector<Words>& lists) {
    Words settings;
    for (const auto& list : lists) {
      for (const auto& word : list) {
        std::erase_if(settings, [key = key_of_setting(word)](const std::string& setting) {
          return key_of_setting(setting) == key;
        });
        settings.push_back(word);
      }
    }
    return settings;
  }

  static std::string text_of(const Words& combination) {
    return combination.empty() ? "settings" : join(combination, " ");
  }

  /// Fills in what follows from the point's configuration; the name still lacks the seed.
  void describe(SweepPoint& point) const {
    point.seed = point.config.seed;
    point.values = values_of(point.config, sweep_.keys);
    Words names, row;
    for (size_t i = 0; i < sweep_.keys.size(); ++i) {
      names.push_back(sweep_.labels[i] + "-" + in_file_name(point.values[i]));
      row.push_back(sweep_.labels[i] + " " + point.values[i]);
    }
    point.name = join(names, "_");
    point.row = row.empty() ? sweep_.name : join(row);
  }

  SweepPlan& sweep_;
  const PointSettings& settings_;
};

void refuse_equal_points(const std::vector<SweepPoint>& points) {
  std::map<std::string, size_t> by_settings, by_name;
  for (size_t b = 0; b < points.size(); ++b) {
    const auto both = [&](size_t a) { return "points " + std::to_string(a) + " and " + std::to_string(b); };
    if (!points[b].is_start) {
      const auto [equal, is_new] = by_settings.emplace(to_yaml(points[b].config), b);
      if (!is_new) throw ConfigError(both(equal->second) + " have equal settings: " + points[b].name);
    }
    const auto [same, is_new] = by_name.emplace(points[b].name, b);
    if (!is_new) throw ConfigError(both(same->second) + " would both have the folder " + points[b].name);
  }
}

}  // namespace

void make_points(SweepPlan& sweep, const PointSettings& settings) {
  if (settings.combinations.size() * std::max<size_t>(1, settings.seeds.size()) > kMaxSweepPoints) {
    throw ConfigError("more than " + std::to_string(kMaxSweepPoints) +
                      " points; make several sweeps of them");
  }
  sweep.keys = keys_of(settings.combinations);
  for (const auto& key : sweep.keys) sweep.labels.push_back(short_label(key, sweep.keys));
  PointMaker maker(sweep, settings);
  for (const auto& combination : settings.combinations) {
    if (settings.seeds.empty()) maker.add(combination, {});
    for (const int64_t seed : settings.seeds) maker.add(combination, {"seed=" + std::to_string(seed)});
  }
  if (settings.start) maker.add_start(sweep.points.front().config.training.from);
  refuse_equal_points(sweep.points);
}

}  // namespace patronus
