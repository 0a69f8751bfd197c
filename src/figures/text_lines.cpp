#include "figures/text_lines.h"

#include <algorithm>
#include <set>

#include "figures/plot_style.h"
#include "patronus/core/text.h"

namespace patronus {
namespace {

/// Splits a text after each of the characters `ends`.
std::vector<std::string> parts_of(std::string_view text, const char* ends) {
  std::vector<std::string> parts;
  while (!text.empty()) {
    const size_t end = std::min(text.find_first_of(ends), text.size() - 1) + 1;
    parts.emplace_back(text.substr(0, end));
    text.remove_prefix(end);
  }
  return parts;
}

/// Splits a text where lines may be broken: after blanks and slashes and, in a part that is too wide for a
/// line, after underscores.
std::vector<std::string> unbroken_parts(std::string_view text, double size, int64_t width) {
  std::vector<std::string> parts;
  for (const auto& part : parts_of(text, " /")) {
    const auto words = parts_of(part, text_width(trim(part), size) > width ? "_" : "");
    parts.insert(parts.end(), words.begin(), words.end());
  }
  return parts;
}

/// Breaks a line that is wider than `width`. Parts that are too wide by themselves remain whole.
std::vector<std::string> broken_line(std::string_view line, double size, int64_t width) {
  std::vector<std::string> lines(1);
  for (const auto& part : unbroken_parts(line, size, width)) {
    const std::string longer = lines.back() + part;
    if (lines.back().empty() || text_width(trim(longer), size) <= width) {
      lines.back() = longer;
    } else {
      lines.push_back(part);
    }
  }
  return lines;
}

}  // namespace

std::vector<std::string> wrap_text(const std::string& text, double size, int64_t width, int64_t most) {
  std::vector<std::string> all;
  for (const auto line : split(text, '\n')) {
    auto lines = broken_line(line, size, width);
    const bool is_path = line.find('/') != line.npos && line.find(' ') == line.npos;
    if (is_path && std::ssize(lines) > most) {
      lines.erase(lines.begin(), lines.end() - most);
      lines.front().insert(0, "…/");
    }
    for (; std::ssize(lines) > most; lines.pop_back()) lines[lines.size() - 2] += lines.back();
    for (const auto& part : lines) all.push_back(fit_text(std::string(trim(part)), size, width));
  }
  return all;
}

std::vector<std::string> title_lines(const std::string& title, int64_t width) {
  constexpr int64_t kAll = 100;
  return title.empty() ? std::vector<std::string>() : wrap_text(title, kTitleSize, width, kAll);
}

int64_t lines_height(const std::vector<std::string>& lines, double size) {
  return std::ssize(lines) * line_height(size);
}

void draw_lines(Canvas& canvas, const std::vector<std::string>& lines, double x, int64_t top,
                const TextStyle& style) {
  const auto height = static_cast<double>(line_height(style.size));
  double middle = static_cast<double>(top) + height / 2;
  for (const auto& line : lines) {
    canvas.draw_text(line, {x, middle}, style);
    middle += height;
  }
}

double center_within(double center, int64_t width, int64_t whole) {
  const double half = static_cast<double>(width) / 2 + kGap;
  return std::min(std::max(center, half), static_cast<double>(whole) - half);
}

int64_t names_width(const std::vector<std::string>& names, double size, int64_t most) {
  std::set<std::string> all, shortened;
  for (const auto& name : names) {
    all.insert(name);
    shortened.insert(fit_text(name, size, most));
  }
  const int64_t widest = widest_text(names, size);
  return shortened.size() < all.size() ? widest : std::min(widest, most);
}

}  // namespace patronus
