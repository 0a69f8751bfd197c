#include "patronus/core/config.h"

#include <yaml-cpp/yaml.h>

#include <algorithm>
#include <cmath>
#include <fstream>
#include <set>
#include <sstream>
#include <type_traits>

#include "patronus/core/contains.h"
#include "patronus/core/error.h"
#include "patronus/core/load_yaml.h"
#include "patronus/core/parse_number.h"
#include "patronus/core/text.h"

namespace patronus {
namespace {

namespace fs = std::filesystem;

/// Converts "training.learning_rate" to "learning_rate".
std::string_view last_part(std::string_view key) {
  return key.substr(key.rfind('.') + 1);
}

/// Converts "training.learning_rate" to "lr".
std::string initials(std::string_view key) {
  std::string letters;
  for (const auto word : split(last_part(key), '_')) letters += word.substr(0, 1);
  return letters;
}

/// "; did you mean training.epochs or latent.epochs?" for an unknown key; empty without suggestions.
std::string did_you_mean_key(const Fields& fields, const std::string& name) {
  const auto keys = suggest_keys(fields, name);
  return keys.empty() ? "" : "; did you mean " + join_or(keys) + "?";
}

/// The keys of a section; empty where there is none of this name.
std::vector<std::string> keys_below(const Fields& fields, const std::string& section) {
  std::vector<std::string> keys;
  for (const auto& field : fields.list()) {
    if (field.key.starts_with(section + ".")) keys.push_back(field.key);
  }
  return keys;
}

/// Parses a scalar or list node; throws YAML::Exception if it is of another kind.
template <class T>
T parse(const YAML::Node& node) {
  return node.as<T>();
}

template <>
int64_t parse<int64_t>(const YAML::Node& node) {
  if (const auto integer = parse_number<int64_t>(node.Scalar())) return *integer;
  // YAML reads 1e5 as a float, people as an integer; doubles below 2^53 hold integers exactly.
  const double value = node.as<double>();
  constexpr double kExact = 9007199254740992;
  if (!(std::abs(value) < kExact) || std::trunc(value) != value) throw YAML::BadConversion(node.Mark());
  return static_cast<int64_t>(value);
}

template <>
std::vector<int64_t> parse<std::vector<int64_t>>(const YAML::Node& node) {
  if (!node.IsSequence()) throw YAML::BadConversion(node.Mark());
  std::vector<int64_t> values;
  for (const auto& element : node) values.push_back(parse<int64_t>(element));
  return values;
}

/// Parses one name or a list of names; throws ConfigError "must be a | b, got c" if one is unknown.
void choose(const Choice& choice, const YAML::Node& node) {
  if (choice.is_list && node.IsNull()) throw YAML::BadConversion(node.Mark());
  const auto chosen = choice.is_list ? parse<std::vector<std::string>>(node)
                                     : std::vector{node.IsNull() ? "" : parse<std::string>(node)};
  for (const auto& name : chosen) {
    if (contains(choice.names, name)) continue;
    throw ConfigError("must be " + join(choice.names, " | ") + ", got " + choice.text(chosen) +
                      did_you_mean(name, choice.names));
  }
  choice.set(chosen);
}

/// Parses `node` into `field`. `where` starts error messages: "configs/a.yaml:12: " or "".
void assign(const Field& field, const YAML::Node& node, const std::string& where) {
  try {
    std::visit(
        [&](const auto& value) {
          using T = std::remove_pointer_t<std::decay_t<decltype(value)>>;
          if constexpr (std::is_same_v<T, Choice>) {
            choose(value, node);
          } else {
            // An empty value (`key:`) is valid only as empty text.
            if (node.IsNull() && !std::is_same_v<T, std::string>) throw YAML::BadConversion(node.Mark());
            *value = node.IsNull() ? T{} : parse<T>(node);
          }
        },
        field.value);
  } catch (const ConfigError& e) {
    throw ConfigError(where + field.key + " " + e.what());
  } catch (const YAML::Exception&) {
    const std::string got = node.IsScalar() ? "'" + node.Scalar() + "'"
                            : node.IsMap()  ? "a section"
                                            : "a list";
    const std::string kind = value_kind(field);
    const bool lacks_brackets = node.IsScalar() && kind.starts_with("a list");
    throw ConfigError(where + field.key + " must be " + kind +
                      (lacks_brackets ? ", as [" + node.Scalar() + "]" : "") + ", got " +
                      (node.IsNull() ? "nothing" : got));
  }
  if (const auto violation = range_violation(field)) throw ConfigError(where + field.key + " " + *violation);
}

class Reader {
 public:
  Reader(const Fields& fields, std::string source) : fields_(fields), source_(std::move(source)) {}

  void read(const YAML::Node& node, const std::string& prefix) {
    for (const auto& entry : node) {
      const std::string where = position(entry.first, source_);
      if (!entry.first.IsScalar()) throw ConfigError(where + "expected `key: value` lines");
      const std::string key = prefix + entry.first.Scalar();
      if (!seen_.insert(key).second) throw ConfigError(where + "key " + key + " appears twice");
      if (const Field* field = fields_.find(key)) {
        assign(*field, entry.second, where);
      } else if (!keys_below(fields_, key).empty()) {
        if (entry.second.IsNull()) continue;
        if (!entry.second.IsMap()) throw ConfigError(where + key + " is a section: expected keys below it");
        read(entry.second, key + ".");
      } else {
        throw ConfigError(where + "unknown key " + key + suggestion(key));
      }
    }
  }

 private:
  /// Suggests the keys that are meant, or else a similar section.
  std::string suggestion(const std::string& key) const {
    if (const auto keys = did_you_mean_key(fields_, key); !keys.empty()) return keys;
    std::set<std::string> names;
    for (const auto& field : fields_.list()) {
      for (size_t dot = field.key.find('.'); dot != std::string::npos; dot = field.key.find('.', dot + 1)) {
        names.insert(field.key.substr(0, dot));
      }
    }
    return did_you_mean(key, std::vector<std::string>(names.begin(), names.end()));
  }

  const Fields& fields_;
  std::string source_;
  std::set<std::string> seen_;
};

}  // namespace

void read_yaml_text(const Fields& fields, const std::string& text, const std::string& source) {
  const YAML::Node root = load_yaml(text, source, "a configuration");
  if (root.IsNull()) return;
  if (!root.IsMap()) throw ConfigError(source + ": expected `key: value` lines");
  Reader(fields, source).read(root, "");
}

void read_yaml_file(const Fields& fields, const fs::path& path) {
  std::ifstream file(path);
  if (!file || fs::is_directory(path)) throw ConfigError(path.string() + ": cannot be opened");
  std::stringstream text;
  text << file.rdbuf();
  read_yaml_text(fields, text.str(), path.string());
}

std::vector<std::string> suggest_keys(const Fields& fields, const std::string& name) {
  constexpr size_t kMinLetters = 2, kMaxKeys = 3;
  const std::string last(last_part(name));
  std::string section = name.substr(0, name.size() - last.size());
  const auto is_within = [&](const Field& field) { return field.key.starts_with(section); };
  const bool is_section = std::any_of(fields.list().begin(), fields.list().end(), is_within);
  if (!is_section) section.clear();
  std::vector<std::string> keys, below, meant;
  for (const auto& field : fields.list()) {
    if (!is_within(field)) continue;
    keys.push_back(field.key);
    below.push_back(field.key.substr(section.size()));
  }
  if (const auto near = nearest_name(name.substr(section.size()), below)) return {keys[*near]};
  if (!is_section) return {};
  const auto add = [&](const auto& is_meant) {
    if (meant.empty()) std::ranges::copy_if(keys, std::back_inserter(meant), is_meant);
  };
  add([&](const std::string& key) { return last_part(key) == last; });
  add([&](const std::string& key) {
    return last.size() >= kMinLetters && (last_part(key).starts_with(last) || initials(key) == last);
  });
  add([&](const std::string& key) { return last.ends_with("_" + std::string(last_part(key))); });
  if (meant.empty() && !section.empty()) return suggest_keys(fields, last);
  return meant.size() > kMaxKeys ? std::vector<std::string>{} : meant;
}

void apply_override(const Fields& fields, const std::string& word) {
  const size_t equals = word.find('=');
  if (equals == std::string::npos || equals == 0) {
    throw ConfigError("'" + word +
                      "': expected key=value, for example training.learning_rate=1e-4, or an option "
                      "before it, as --run or --data");
  }
  const std::string key = word.substr(0, equals);
  const Field* field = fields.find(key);
  if (!field) {
    if (fields.find(std::string(trim(key))))
      throw ConfigError("'" + word + "': expected key=value without blanks around =");
    if (const auto below = keys_below(fields, key); !below.empty())
      throw ConfigError(key + " is a section: expected one of " + join(below));
    throw ConfigError("unknown key " + key + did_you_mean_key(fields, key));
  }
  const std::string text = word.substr(equals + 1);
  YAML::Node node(text);
  // Text is taken literally, everything else parsed as YAML.
  const auto* choice = std::get_if<Choice>(&field->value);
  const bool is_text = std::holds_alternative<std::string*>(field->value) || (choice && !choice->is_list);
  if (!is_text) {
    try {
      node = YAML::Load(text);
    } catch (const YAML::Exception&) {
      // `node` stays text, and `assign` reports what was expected
    }
  }
  assign(*field, node, "");
}

std::string write_yaml(const Fields& fields) {
  std::string text;
  std::vector<std::string_view> open;  // sections around the current line
  for (const auto& field : fields.list()) {
    const auto parts = split(field.key, '.');
    const size_t depth = parts.size() - 1;
    size_t common = 0;
    while (common < std::min(depth, open.size()) && open[common] == parts[common]) ++common;
    open.assign(parts.begin(), parts.begin() + static_cast<std::ptrdiff_t>(depth));
    for (size_t level = common; level < depth; ++level)
      text += std::string(2 * level, ' ') + std::string(parts[level]) + ":\n";
    text += std::string(2 * depth, ' ') + std::string(parts.back()) + ": " + value_text(field) + "\n";
  }
  return text;
}

std::vector<std::string> differing_keys(const Fields& a, const Fields& b) {
  std::vector<std::string> keys;
  for (size_t i = 0; i < a.list().size(); ++i) {
    if (value_text(a.list()[i]) != value_text(b.list()[i])) keys.push_back(a.list()[i].key);
  }
  return keys;
}

}  // namespace patronus
