#pragma once
#include <cstdint>
#include <string>
#include <vector>

#include "patronus/figures/canvas.h"

namespace patronus {

/// The lines of a text, each broken into `most` at most where it is wider than `width`: behind blanks,
/// folders and, in words that are too wide by themselves, underscores. Of a path that is longer still the
/// first folders are left out; of any other text a middle.
std::vector<std::string> lines_of(const std::string& text, double size, int64_t width, int64_t most = 3);

/// To which a figure is widened before its title is broken.
inline constexpr int64_t kLeastTitleWidth = 400;

/// The same of a figure's title, in as many lines as it takes; none where it is empty.
std::vector<std::string> title_lines(const std::string& title, int64_t width);

int64_t lines_height(const std::vector<std::string>& lines, double size);

/// Draws lines below one another from `top` on, each aligned at `x`.
void draw_lines(Canvas& canvas, const std::vector<std::string>& lines, double x, int64_t top,
                const TextStyle& style);

/// The middle of a text, as near to `center` as it lies within a figure of `whole` pixels.
double center_within(double center, int64_t width, int64_t whole);

/// Pixels for names of which each is to take `most` at most; where two would then be shortened to the same,
/// what the widest takes.
int64_t names_width(const std::vector<std::string>& names, double size, int64_t most);

}  // namespace patronus
