#pragma once
#include <cstdint>
#include <string>
#include <vector>

#include "patronus/figures/canvas.h"

namespace patronus {

/// Splits a text into lines: at line breaks, and a line wider than `width` into at most `most`, after blanks,
/// after folders of a path and, in words too wide for a line, after underscores. If it needs more, a path
/// loses its first folders, and of any other text the last line is shortened in the middle (fit_text).
std::vector<std::string> wrap_text(const std::string& text, double size, int64_t width, int64_t most = 3);

/// Smallest width in pixels for which titles are split; narrower figures are widened to fit the title.
inline constexpr int64_t kMinTitleWidth = 400;

/// Splits a figure's title into as many lines as necessary; none if it is empty.
std::vector<std::string> title_lines(const std::string& title, int64_t width);

int64_t lines_height(const std::vector<std::string>& lines, double size);

/// Draws lines one below another, downwards from `top`, each aligned at `x`.
void draw_lines(Canvas& canvas, const std::vector<std::string>& lines, double x, int64_t top,
                const TextStyle& style);

/// Centre of a text `width` pixels wide: as near to `center` as possible within a figure of `whole` pixels,
/// with a gap at both sides.
double center_within(double center, int64_t width, int64_t whole);

/// Width in pixels for a column of names: at most `most` if names shortened to it remain distinct, else that
/// of the widest name.
int64_t names_width(const std::vector<std::string>& names, double size, int64_t most);

}  // namespace patronus
