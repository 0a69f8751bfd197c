#include <c10/util/Exception.h>
#include <c10/util/StringUtil.h>

#include <string_view>

#include "patronus/io/json_text.h"
#include "patronus/report/report.h"

extern "C" const char patronus_page[];  // report.html with its style and script, embedded by page.S
extern "C" const char patronus_page_end[];

namespace patronus {
namespace {

/// JSON for a script element: as "<" is escaped, no text in it can form "</script>" or "<!--".
std::string json_for_script(const Json& content) {
  std::string json = json_line(content);
  c10::ReplaceAll(json, "<", "\\u003c");
  return json;
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
