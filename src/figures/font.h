#pragma once
#include <cairo.h>

#include <string>

namespace patronus {

/// Sets the font to unhinted DejaVu Sans, `size` units per em; letters have the same shape at every
/// resolution.
void set_font(cairo_t* context, double size);

/// Horizontal extent of the ink of a line of text.
struct TextInk {
  double start;  // relative to the origin of the first letter
  double width;
};

/// Measures the ink of a line of valid UTF-8, in the units of `size`; blanks alone have a width of 0.
TextInk text_ink(const std::string& text, double size);

}  // namespace patronus
