#include <c10/util/Exception.h>

#include <string_view>

#include "patronus/io/json_text.h"
#include "patronus/report/report.h"

extern "C" const char patronus_page[];  // report.html with its style and script, embedded by page.S
extern "C" const char patronus_page_end[];

namespace patronus {
namespace {

/// JSON that may stand in a script element, whatever its texts hold: no "</script>" and no "<!--" is in it.
std::string json_for_script(const Json& content) {
  const std::string json =
      content.dump(-1, ' ', /*ensure_ascii=*/false, nlohmann::json::error_handler_t::replace);
  std::string text;
  text.reserve(json.size());
  for (const char c : json) {
    if (c == '<') {
      text += "\\u003c";
    } else {
      text += c;
    }
  }
  return text;
}

}  // namespace

std::string report_page(const Json& content) {
  constexpr std::string_view kPlace = "{{content}}";
  std::string page(patronus_page, patronus_page_end);
  const size_t place = page.find(kPlace);
  TORCH_CHECK(place != std::string::npos, "the embedded page has no place for its content");
  return page.replace(place, kPlace.size(), json_for_script(content));
}

}  // namespace patronus
