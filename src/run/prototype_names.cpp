#include "patronus/run/prototype_names.h"

#include "patronus/core/error.h"
#include "patronus/core/load_yaml.h"
#include "patronus/core/parse_number.h"
#include "patronus/core/text.h"
#include "patronus/io/atomic_file.h"

namespace patronus {
namespace {

/// Throws ConfigError for a name that has another meaning where prototypes are chosen, or that differs only
/// in case from one in `known`.
void check_name(const std::string& name, const PrototypeNames& known, const std::string& where) {
  const std::string lower = to_lower(name);
  const char* reason = parse_number<int64_t>(name)            ? "is a number, which means that prototype"
                       : name.find(',') != std::string::npos  ? "has a comma, which divides names"
                       : lower == "all" || lower == "example" ? "is a word of the options that take names"
                                                              : nullptr;
  if (reason) throw ConfigError(where + "name '" + name + "' " + reason + "; choose another");
  for (const int64_t other : known.prototypes_named(name)) {
    if (known.name(other) == name) continue;
    throw ConfigError(where + "name '" + name + "' is that of prototype " + std::to_string(other) +
                      " in another case; write both as '" + known.name(other) + "', or choose another");
  }
}

}  // namespace

PrototypeNames::PrototypeNames(const std::filesystem::path& file, int64_t count) {
  if (!std::filesystem::exists(file)) return;
  const YAML::Node root = load_yaml(read_file(file), file.string(), "names of prototypes");
  if (!root.IsNull() && !root.IsMap()) throw ConfigError(file.string() + ": expected lines as 12: red hat");
  for (const auto& entry : root) {
    const std::string key = entry.first.Scalar(), where = position(entry.first, file.string());
    const int64_t prototype = parse_number<int64_t>(key).value_or(-1);
    if (prototype < 0 || prototype >= count) {
      throw ConfigError(where + "there is no prototype '" + key + "'; the model has " +
                        std::to_string(count) + ", numbered from 0 to " + std::to_string(count - 1));
    }
    const std::string name(entry.second.IsScalar() ? trim(entry.second.Scalar()) : "");
    if (name.empty()) throw ConfigError(where + "expected a name, as in " + key + ": red hat");
    check_name(name, *this, where);
    if (!names_.emplace(prototype, name).second) {
      throw ConfigError(where + "prototype " + key + " is named twice");
    }
  }
}

std::string PrototypeNames::name(int64_t prototype) const {
  const auto found = names_.find(prototype);
  return found == names_.end() ? "" : found->second;
}

std::string PrototypeNames::label(int64_t prototype) const {
  const std::string text = name(prototype);
  return std::to_string(prototype) + (text.empty() ? "" : " " + text);
}

std::vector<int64_t> PrototypeNames::prototypes_named(std::string_view name) const {
  const std::string wanted = to_lower(trim(name));
  std::vector<int64_t> prototypes;
  for (const auto& [prototype, its_name] : names_) {
    if (to_lower(its_name) == wanted) prototypes.push_back(prototype);
  }
  return prototypes;
}

std::vector<std::string> PrototypeNames::all() const {
  std::vector<std::string> all;
  for (const auto& [prototype, name] : names_) all.push_back(name);
  return all;
}

}  // namespace patronus
