#pragma once
#include <string>
#include <vector>

namespace patronus {

/// Formats a row of a Markdown table; escapes bars in cells and replaces line breaks by blanks.
std::string markdown_line(const std::vector<std::string>& cells);
/// Formats the first two lines of a Markdown table: the column names and the rule below them.
std::string markdown_head(const std::vector<std::string>& columns);

}  // namespace patronus
