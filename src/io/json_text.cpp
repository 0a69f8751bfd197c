#include "patronus/io/json_text.h"

#include <nlohmann/json.hpp>

#include "patronus/io/atomic_file.h"

namespace patronus {

std::string json_text(const Json& json) {
  return json.dump(2, ' ', /*ensure_ascii=*/false, Json::error_handler_t::replace) + "\n";
}

std::string json_prefix(const std::string& format) {
  const std::string whole = json_text(Json{{"format", format}});
  return whole.substr(0, whole.rfind("\n}"));
}

std::string json_line(const Json& json) {
  return json.dump(-1, ' ', /*ensure_ascii=*/false, Json::error_handler_t::replace);
}

bool equal_json_text(const Json& a, const Json& b) {
  return json_line(a) == json_line(b);
}

Json read_json(const std::filesystem::path& path) {
  return Json::parse(read_file(path), nullptr, /*allow_exceptions=*/false);
}

}  // namespace patronus
