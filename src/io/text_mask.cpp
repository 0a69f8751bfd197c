#include "io/text_mask.h"

#include <c10/util/Exception.h>
#include <stb_truetype.h>

#include <algorithm>
#include <cmath>

extern "C" const unsigned char patronus_font[];  // DejaVu Sans, embedded by font.S

namespace patronus {
namespace {

struct PlacedGlyph {
  int index = 0;
  float shift = 0;  // fraction of a pixel to the right
  int64_t x = 0;    // box of its ink, relative to the pen's start on the baseline
  int64_t y = 0;
  int64_t width = 0;
  int64_t height = 0;
};

const stbtt_fontinfo& font() {
  static const stbtt_fontinfo loaded = [] {
    stbtt_fontinfo info;
    TORCH_CHECK(stbtt_InitFont(&info, patronus_font, 0), "the embedded font is damaged");
    return info;
  }();
  return loaded;
}

/// Takes one character off the front of `text`.
int take_codepoint(std::string_view& text) {
  constexpr int kReplacement = 0xFFFD;
  const size_t length = utf8_length(text);
  const int first = static_cast<unsigned char>(text.front());
  int codepoint = first;
  if (length > 1) {
    codepoint = first & (0x7F >> length);
    for (size_t i = 1; i < length; ++i) codepoint = codepoint << 6 | (text[i] & 0x3F);
  } else if (first >= 0x80) {
    codepoint = kReplacement;
  }
  text.remove_prefix(length);
  return codepoint;
}

std::vector<PlacedGlyph> place_glyphs(std::string_view text, float scale) {
  std::vector<PlacedGlyph> glyphs;
  float pen = 0;
  int previous = 0;
  while (!text.empty()) {
    PlacedGlyph glyph{.index = stbtt_FindGlyphIndex(&font(), take_codepoint(text))};
    if (previous)
      pen += scale * static_cast<float>(stbtt_GetGlyphKernAdvance(&font(), previous, glyph.index));
    const float whole = std::floor(pen);
    glyph.shift = pen - whole;
    int left, top, right, bottom;
    stbtt_GetGlyphBitmapBoxSubpixel(&font(), glyph.index, scale, scale, glyph.shift, 0, &left, &top, &right,
                                    &bottom);
    glyph.x = static_cast<int64_t>(whole) + left;
    glyph.y = top;
    glyph.width = right - left;
    glyph.height = bottom - top;
    int advance, bearing;
    stbtt_GetGlyphHMetrics(&font(), glyph.index, &advance, &bearing);
    pen += scale * static_cast<float>(advance);
    previous = glyph.index;
    if (glyph.width > 0 && glyph.height > 0) glyphs.push_back(glyph);  // a space has no ink
  }
  return glyphs;
}

/// Adds a glyph to the mask, whose upper left corner lies at (left, top) of the glyphs' coordinates.
void add_glyph(TextMask& mask, const PlacedGlyph& glyph, float scale, int64_t left) {
  std::vector<uint8_t> ink(static_cast<size_t>(glyph.width * glyph.height));
  const int width = static_cast<int>(glyph.width);
  stbtt_MakeGlyphBitmapSubpixel(&font(), ink.data(), width, static_cast<int>(glyph.height), width, scale,
                                scale, glyph.shift, 0, glyph.index);
  for (int64_t y = 0; y < glyph.height; ++y) {
    auto* row =
        &mask.coverage[static_cast<size_t>((mask.baseline + glyph.y + y) * mask.width + glyph.x - left)];
    for (int64_t x = 0; x < glyph.width; ++x) {
      // Boxes of neighbours may overlap by a pixel that both cover in part.
      row[x] = static_cast<uint8_t>(std::min(255, row[x] + ink[static_cast<size_t>(y * glyph.width + x)]));
    }
  }
}

}  // namespace

size_t utf8_length(std::string_view text) {
  const auto first = static_cast<unsigned char>(text.front());
  const size_t length = first < 0xC2 ? 1 : first < 0xE0 ? 2 : first < 0xF0 ? 3 : first < 0xF5 ? 4 : 1;
  if (length > text.size()) return 1;
  const auto continues = [](unsigned char c) { return (c & 0xC0) == 0x80; };
  return std::all_of(text.begin() + 1, text.begin() + static_cast<std::ptrdiff_t>(length), continues) ? length
                                                                                                      : 1;
}

TextMask rasterize_text(std::string_view text, double size) {
  const float scale = stbtt_ScaleForMappingEmToPixels(&font(), static_cast<float>(size));
  const auto glyphs = place_glyphs(text, scale);
  if (glyphs.empty()) return {};
  int64_t left = glyphs[0].x, right = left, top = glyphs[0].y, bottom = top;
  for (const auto& glyph : glyphs) {
    left = std::min(left, glyph.x);
    right = std::max(right, glyph.x + glyph.width);
    top = std::min(top, glyph.y);
    bottom = std::max(bottom, glyph.y + glyph.height);
  }
  TextMask mask{.width = right - left, .height = bottom - top, .baseline = -top, .coverage = {}};
  mask.coverage.resize(static_cast<size_t>(mask.width * mask.height));
  for (const auto& glyph : glyphs) add_glyph(mask, glyph, scale, left);
  return mask;
}

}  // namespace patronus
