#include "patronus/distributed/difference_between_ranks.h"

#include <nlohmann/json.hpp>

#include "patronus/core/text.h"

namespace patronus {
namespace {

/// Properties with different values, or missing on one side, as "seed (1 instead of 0)".
std::vector<std::string> differences(const nlohmann::json& theirs, const nlohmann::json& first) {
  std::vector<std::string> found;
  const auto value = [](const nlohmann::json& from, const std::string& name) {
    return from.contains(name) ? from[name].get<std::string>() : "nothing";
  };
  nlohmann::json all = first;
  all.update(theirs);
  for (const auto& [name, ignored] : all.items()) {
    const std::string a = value(theirs, name), b = value(first, name);
    if (a != b) found.push_back(name + " (" + a + " instead of " + b + ")");
  }
  return found;
}

}  // namespace

std::optional<std::string> difference_between_ranks(const ProcessGroup& group, const std::string& topic,
                                                    const Properties& own) {
  nlohmann::json properties = nlohmann::json::object();
  for (const auto& [name, value] : own) properties[name] = value;
  const auto own_text =
      properties.dump(-1, ' ', /*ensure_ascii=*/false, nlohmann::json::error_handler_t::replace);
  const auto texts = group.all_gather_texts(topic, own_text);
  for (size_t rank = 1; rank < texts.size(); ++rank) {
    if (texts[rank] == texts[0]) continue;
    const auto found = differences(nlohmann::json::parse(texts[rank]), nlohmann::json::parse(texts[0]));
    return group.name(static_cast<int64_t>(rank)) + ": has another " + join(found) + " than rank 0";
  }
  return std::nullopt;
}

}  // namespace patronus
