#include "patronus/io/markdown.h"

namespace patronus {
namespace {

std::string in_cell(char c) {
  if (c == '|') return "\\|";
  return std::string(1, c == '\n' || c == '\r' ? ' ' : c);
}

}  // namespace

std::string markdown_line(const std::vector<std::string>& cells) {
  std::string line = "|";
  for (const auto& cell : cells) {
    line += ' ';
    for (const char c : cell) line += in_cell(c);
    line += " |";
  }
  return line + "\n";
}

std::string markdown_head(const std::vector<std::string>& columns) {
  return markdown_line(columns) + markdown_line(std::vector<std::string>(columns.size(), "---"));
}

}  // namespace patronus
