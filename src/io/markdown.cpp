#include "patronus/io/markdown.h"

#include "patronus/core/error.h"

namespace patronus {

std::string markdown_line(const std::vector<std::string>& cells) {
  return "| " + join(cells, " | ") + " |\n";
}

std::string markdown_head(const std::vector<std::string>& columns) {
  return markdown_line(columns) + markdown_line(std::vector<std::string>(columns.size(), "---"));
}

}  // namespace patronus
