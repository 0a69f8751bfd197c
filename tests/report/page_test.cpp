#include <gtest/gtest.h>

#include <regex>

#include "patronus/io/json_text.h"
#include "patronus/report/report.h"

namespace patronus {
namespace {

/// What a browser takes for the content: from the element's start to the first "</script", read as JSON.
Json content_in(const std::string& page) {
  const std::string start = "<script id=\"report\" type=\"application/json\">";
  const size_t from = page.find(start) + start.size();
  return Json::parse(page.substr(from, page.find("</script", from) - from));
}

size_t count_of(const std::string& text, const std::string& part) {
  size_t count = 0;
  for (size_t at = text.find(part); at != std::string::npos; at = text.find(part, at + 1)) ++count;
  return count;
}

TEST(ReportPage, TextsThatLookLikeMarkupStayTexts) {
  const Json content{
      {"name", "</script><script>alert(1)</script><!-- <script> & \" ' \\ {{content}} @page_style@"}};
  const std::string page = report_page(content);
  EXPECT_EQ(content_in(page), content);
  EXPECT_EQ(count_of(page, "<script"), 2u) << "the content and the program";
  EXPECT_EQ(count_of(page, "<!--"), 0u);
}

TEST(ReportPage, BytesThatAreNoTextAreReplaced) {
  EXPECT_EQ(content_in(report_page({{"file", "caf\xe9.png"}}))["file"], "caf\uFFFD.png");
}

TEST(ReportPage, NothingInItIsLoadedFromElsewhere) {
  const std::string page =
      std::regex_replace(report_page(Json::object()), std::regex("http://www.w3.org/2000/svg"), "");
  EXPECT_EQ(count_of(page, "http:") + count_of(page, "https:") + count_of(page, "src=\"") +
                count_of(page, "@import"),
            0u);
  EXPECT_EQ(count_of(page, "url("), 0u);
  EXPECT_EQ(count_of(page, "default-src 'none'"), 1u) << "and a browser is told to load nothing";
}

}  // namespace
}  // namespace patronus
