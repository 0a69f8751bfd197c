#pragma once
#include <string>

namespace patronus {

/// JSON (of the library nlohmann/json) as files hold it: indented by two, with a line's end. Bytes that are
/// no UTF-8, of a file's name perhaps, become U+FFFD, so that nothing else is lost for them.
template <class Json>
std::string json_text(const Json& json) {
  return json.dump(2, ' ', /*ensure_ascii=*/false, Json::error_handler_t::replace) + "\n";
}

}  // namespace patronus
