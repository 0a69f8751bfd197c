#include "io/font.h"

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

/// Letters as they were designed, not fitted to pixels.
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
  using Surface = std::unique_ptr<cairo_surface_t, decltype(&cairo_surface_destroy)>;
  using Context = std::unique_ptr<cairo_t, decltype(&cairo_destroy)>;
  static const Surface nowhere(cairo_image_surface_create(CAIRO_FORMAT_A8, 1, 1), &cairo_surface_destroy);
  const Context context(cairo_create(nowhere.get()), &cairo_destroy);
  set_font(context.get(), size);
  cairo_text_path(context.get(), text.c_str());
  double left = 0, top = 0, right = 0, bottom = 0;
  cairo_fill_extents(context.get(), &left, &top, &right, &bottom);
  return {left, right - left};
}

}  // namespace patronus
