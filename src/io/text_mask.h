#pragma once
#include <cstdint>
#include <string_view>
#include <vector>

namespace patronus {

/// The ink of one line of text. Row `baseline` is the first below the line that letters stand on.
struct TextMask {
  int64_t width = 0;
  int64_t height = 0;
  int64_t baseline = 0;
  std::vector<uint8_t> coverage;  // [height, width], 255 = full ink
};

/// Draws UTF-8 text (broken bytes show as U+FFFD) in DejaVu Sans, `size` pixels an em.
TextMask rasterize_text(std::string_view text, double size);

/// Length in bytes of the UTF-8 character that `text`, not empty, begins with; 1 for a broken byte.
size_t utf8_length(std::string_view text);

}  // namespace patronus
