#include "patronus/io/json_text.h"

#include <nlohmann/json.hpp>

namespace patronus {

std::string json_text(const Json& json) {
  return json.dump(2, ' ', /*ensure_ascii=*/false, Json::error_handler_t::replace) + "\n";
}

}  // namespace patronus
