#include "patronus/run/prototype_names.h"

#include "patronus/core/error.h"
#include "patronus/core/load_yaml.h"
#include "patronus/core/parse_number.h"
#include "patronus/io/atomic_file.h"

namespace patronus {

PrototypeNames::PrototypeNames(const std::filesystem::path& file, int64_t count) {
  if (!std::filesystem::exists(file)) return;
  const YAML::Node root = load_yaml(read_file(file), file.string(), "names of prototypes");
  if (!root.IsNull() && !root.IsMap()) throw ConfigError(file.string() + ": expected lines as 12: red hat");
  for (const auto& entry : root) {
    const std::string key = entry.first.Scalar(), where = position(entry.first, file.string());
    const int64_t prototype = number_in<int64_t>(key).value_or(-1);
    if (prototype < 0 || prototype >= count) {
      throw ConfigError(where + "there is no prototype '" + key + "'; the model has " +
                        std::to_string(count) + ", numbered from 0 to " + std::to_string(count - 1));
    }
    if (!entry.second.IsScalar()) {
      throw ConfigError(where + "expected a name, as in " + key + ": red hat");
    }
    if (!names_.emplace(prototype, entry.second.Scalar()).second) {
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

std::vector<int64_t> PrototypeNames::called(std::string_view name) const {
  std::vector<int64_t> prototypes;
  for (const auto& [prototype, its_name] : names_) {
    if (its_name == name) prototypes.push_back(prototype);
  }
  return prototypes;
}

std::vector<std::string> PrototypeNames::all() const {
  std::vector<std::string> all;
  for (const auto& [prototype, name] : names_) all.push_back(name);
  return all;
}

}  // namespace patronus
