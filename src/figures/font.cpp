#include "figures/font.h"

#include <c10/util/Exception.h>
#include <cairo-ft.h>

#include <memory>

extern "C" const unsigned char patronus_font[];  // DejaVu Sans, embedded by font.S
extern "C" const unsigned char patronus_font_end[];

namespace patronus {
namespace {

cairo_font_face_t* font_face() {
  static cairo_font_face_t* const loaded = [] {
    FT_Library library = nullptr;
    FT_Face face = nullptr;
    const bool fits =
        FT_Init_FreeType(&library) == 0 &&
        FT_New_Memory_Face(library, patronus_font, patronus_font_end - patronus_font, 0, &face) == 0;
    TORCH_CHECK(fits, "the embedded font is damaged");
    return cairo_ft_font_face_create_for_ft_face(face, FT_LOAD_NO_HINTING);
  }();
  return loaded;
}

/// Options without hinting, which would fit letters to the pixel grid.
const cairo_font_options_t* unhinted() {
  static const cairo_font_options_t* const options = [] {
    cairo_font_options_t* made = cairo_font_options_create();
    cairo_font_options_set_hint_style(made, CAIRO_HINT_STYLE_NONE);
    cairo_font_options_set_hint_metrics(made, CAIRO_HINT_METRICS_OFF);
    return made;
  }();
  return options;
}

}  // namespace

void set_font(cairo_t* context, double size) {
  cairo_set_font_face(context, font_face());
  cairo_set_font_options(context, unhinted());
  cairo_set_font_size(context, size);
}

TextInk text_ink(const std::string& text, double size) {
  constexpr double kGrain = 1.0 / 64;  // resolution to which FreeType rounds outlines
  cairo_matrix_t scale, identity;
  cairo_matrix_init_scale(&scale, size, size);
  cairo_matrix_init_identity(&identity);
  const std::unique_ptr<cairo_scaled_font_t, decltype(&cairo_scaled_font_destroy)> font(
      cairo_scaled_font_create(font_face(), &scale, &identity, unhinted()), &cairo_scaled_font_destroy);
  cairo_text_extents_t extents;
  cairo_scaled_font_text_extents(font.get(), text.c_str(), &extents);
  if (extents.width == 0) return {0, 0};
  return {extents.x_bearing - kGrain, extents.width + 2 * kGrain};
}

}  // namespace patronus
