#pragma once
#include <cairo.h>

#include <string>

namespace patronus {

/// Makes DejaVu Sans, `size` units an em, the font of what is drawn next; its letters have the same shape at
/// every resolution.
void set_font(cairo_t* context, double size);

/// Where the ink of a line of text lies.
struct TextInk {
  double start;  // relative to where the first letter begins
  double width;
};

/// Measures the ink of a line of valid UTF-8 in the same units as `size`; 0 wide for blanks.
TextInk text_ink(const std::string& text, double size);

}  // namespace patronus
