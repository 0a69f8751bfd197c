#include "patronus/core/load_yaml.h"

#include <vector>

#include "patronus/core/error.h"

namespace patronus {
namespace {

std::string position_of(const YAML::Mark& mark, const std::string& source) {
  return source + ":" + std::to_string(mark.line + 1) + ": ";
}

}  // namespace

YAML::Node load_yaml(const std::string& text, const std::string& source, const std::string& expected) {
  constexpr size_t kMaxBytes = 256 << 10;  // a complete configuration takes 8 KiB
  if (text.size() > kMaxBytes) throw ConfigError(source + ": larger than 256 KiB; expected " + expected);
  try {
    auto documents = YAML::LoadAll(text);
    std::erase_if(documents, [](const YAML::Node& document) { return document.IsNull(); });
    if (documents.size() > 1)
      throw ConfigError(position(documents[1], source) + "a second document; expected " + expected +
                        " in one");
    return documents.empty() ? YAML::Node() : documents.front();
  } catch (const YAML::Exception& e) {
    throw ConfigError(position_of(e.mark, source) + "not valid YAML: " + e.msg);
  }
}

std::string position(const YAML::Node& node, const std::string& source) {
  return position_of(node.Mark(), source);
}

}  // namespace patronus
