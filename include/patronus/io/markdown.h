#pragma once
#include <string>
#include <vector>

namespace patronus {

/// A line of a Markdown table; bars in cells are escaped, line ends in them become blanks.
std::string markdown_line(const std::vector<std::string>& cells);
/// The first two lines of a Markdown table: its columns, and the rule below them.
std::string markdown_head(const std::vector<std::string>& columns);

}  // namespace patronus
