#include "data/face_painter.h"

#include <algorithm>
#include <cmath>

namespace patronus {
namespace {

struct Vec2 {
  float x = 0, y = 0;
};

Vec2 operator-(Vec2 a, Vec2 b) {
  return {a.x - b.x, a.y - b.y};
}
float length(Vec2 p) {
  return std::sqrt(p.x * p.x + p.y * p.y);
}

struct Colour {
  float r = 0, g = 0, b = 0;
};

Colour rgb(int r, int g, int b) {
  return {r / 255.f, g / 255.f, b / 255.f};
}
Colour mix(Colour a, Colour b, float t) {
  return {a.r + (b.r - a.r) * t, a.g + (b.g - a.g) * t, a.b + (b.b - a.b) * t};
}
Colour shade(Colour c, float factor) {
  return {c.r * factor, c.g * factor, c.b * factor};
}

// Shapes are signed distances, negative inside, in units of 1/32 of the image's side.

float circle(Vec2 p, Vec2 centre, float radius) {
  return length(p - centre) - radius;
}

/// Approximate: exact on the outline, and accurate enough near it for antialiasing.
float ellipse(Vec2 p, Vec2 centre, Vec2 radii) {
  const Vec2 q = p - centre;
  const float k = length({q.x / radii.x, q.y / radii.y});
  const float slope = length({q.x / (radii.x * radii.x), q.y / (radii.y * radii.y)});
  return slope > 1e-6f ? k * (k - 1) / slope : -std::min(radii.x, radii.y);
}

float rounded_box(Vec2 p, Vec2 centre, Vec2 half, float corner) {
  const Vec2 q = p - centre;
  const float x = std::abs(q.x) - half.x + corner, y = std::abs(q.y) - half.y + corner;
  return length({std::max(x, 0.f), std::max(y, 0.f)}) + std::min(std::max(x, y), 0.f) - corner;
}

/// Line from a to b with round ends.
float stroke(Vec2 p, Vec2 a, Vec2 b, float radius) {
  const Vec2 ab = b - a, ap = p - a;
  const float t = std::clamp((ap.x * ab.x + ap.y * ab.y) / (ab.x * ab.x + ab.y * ab.y), 0.f, 1.f);
  return length({ap.x - t * ab.x, ap.y - t * ab.y}) - radius;
}

/// Reflects a point to the right half of the face, so that one formula draws both eyes.
Vec2 mirrored(Vec2 p) {
  return {16 + std::abs(p.x - 16), p.y};
}

class Painter {
 public:
  Painter(const Face& face, int64_t size);
  std::vector<float> paint();

 private:
  /// Fills the shape with the signed distance `distance(point)`, which lies within rows [top, bottom) of the
  /// face. Blends its edge over one pixel.
  template <class Distance>
  void fill(float top, float bottom, Colour colour, float opacity, const Distance& distance);
  Vec2 to_face(int64_t column, int64_t row) const;

  void background();
  void body();
  void head();
  void hair_behind();
  void hair_in_front();
  void eyes();
  void mouth();
  void eyeglasses();
  void hat();
  void earrings();

  const Face& face_;
  int64_t size_;
  float pixel_;  // side of an image pixel in face units
  Colour hair_, skin_;
  std::vector<float> image_;
};

Painter::Painter(const Face& face, int64_t size)
    : face_(face),
      size_(size),
      pixel_(32 / (static_cast<float>(size) * face.scale)),
      hair_(face.has(FaceAttribute::kBlondHair) ? mix(rgb(252, 220, 96), rgb(232, 184, 62), face.hair_tone)
                                                : mix(rgb(24, 22, 30), rgb(74, 46, 34), face.hair_tone)),
      skin_(face.has(FaceAttribute::kPaleSkin) ? mix(rgb(255, 229, 205), rgb(246, 206, 176), face.skin_tone)
                                               : mix(rgb(164, 106, 70), rgb(112, 68, 44), face.skin_tone)),
      image_(static_cast<size_t>(3 * size * size)) {}

Vec2 Painter::to_face(int64_t column, int64_t row) const {
  const float unit = 32 / static_cast<float>(size_);
  const float x = (static_cast<float>(column) + 0.5f) * unit - 16 - face_.dx;
  const float y = (static_cast<float>(row) + 0.5f) * unit - 16 - face_.dy;
  const float c = std::cos(face_.tilt) / face_.scale, s = std::sin(face_.tilt) / face_.scale;
  return {16 + c * x + s * y, 16 - s * x + c * y};
}

template <class Distance>
void Painter::fill(float top, float bottom, Colour colour, float opacity, const Distance& distance) {
  const int64_t plane = size_ * size_;
  // A tilted row of the image crosses several rows of the face, hence a margin of two units on either side.
  const float rows = static_cast<float>(size_) / 32;
  const auto row_of = [&](float y) {
    return std::clamp<int64_t>(std::lround((16 + face_.dy + (y - 16) * face_.scale) * rows), 0, size_);
  };
  for (int64_t row = row_of(top - 2); row < row_of(bottom + 2); ++row) {
    for (int64_t column = 0; column < size_; ++column) {
      const float coverage = std::clamp(0.5f - distance(to_face(column, row)) / pixel_, 0.f, 1.f) * opacity;
      if (coverage <= 0) continue;
      float* at = &image_[row * size_ + column];
      at[0] += coverage * (colour.r - at[0]);
      at[plane] += coverage * (colour.g - at[plane]);
      at[2 * plane] += coverage * (colour.b - at[2 * plane]);
    }
  }
}

void Painter::background() {
  const float tone = face_.background_tone;
  const Colour warm = mix(rgb(232, 216, 190), rgb(204, 196, 178), tone);
  const Colour cool = mix(rgb(226, 210, 206), rgb(198, 208, 192), tone);
  const Colour colour = face_.has(FaceAttribute::kBlueBackground)
                            ? mix(rgb(98, 160, 226), rgb(142, 202, 242), tone)
                            : mix(warm, cool, face_.background_hue);
  const int64_t plane = size_ * size_;
  for (int64_t i = 0; i < plane; ++i) {
    const float light = 1.04f - 0.10f * static_cast<float>(i / size_) / static_cast<float>(size_);
    const auto at = static_cast<size_t>(i), step = static_cast<size_t>(plane);
    image_[at] = colour.r * light;
    image_[at + step] = colour.g * light;
    image_[at + 2 * step] = colour.b * light;
  }
}

void Painter::body() {
  const Colour dull = mix(rgb(52, 62, 92), rgb(92, 74, 108), face_.clothes_hue);
  const Colour bright = mix(rgb(70, 122, 118), rgb(126, 112, 132), face_.clothes_hue);
  const Colour clothes = mix(dull, bright, face_.clothes_tone);
  fill(26, 36, clothes, 1, [](Vec2 p) { return ellipse(p, {16, 36}, {12.5f, 8.6f}); });
  fill(25, 31, shade(clothes, 1.25f), 1, [](Vec2 p) { return ellipse(p, {16, 27.6f}, {4.2f, 2.4f}); });
  fill(22, 30, shade(skin_, 0.86f), 1, [](Vec2 p) {
    return rounded_box(p, {16, 25.4f}, {2.7f, 3.6f}, 2.4f);
  });
}

void Painter::head() {
  const Vec2 radii{7.1f * face_.width, 8.5f * face_.height};
  fill(15, 20, shade(skin_, 0.92f), 1, [&](Vec2 p) {
    return circle(mirrored(p), {16 + radii.x, 17.6f}, 1.7f);
  });
  fill(7, 27, skin_, 1, [&](Vec2 p) { return ellipse(p, {16, 16.9f}, radii); });
  const Colour blush = mix(skin_, rgb(236, 84, 92), 0.55f);
  fill(17, 22, blush, 0.45f, [](Vec2 p) { return ellipse(mirrored(p), {20.5f, 19.9f}, {1.7f, 1.2f}); });
  fill(16, 20, shade(skin_, 0.78f), 1, [](Vec2 p) { return stroke(p, {16, 18.1f}, {16.2f, 18.9f}, 0.45f); });
}

void Painter::hair_behind() {
  if (!face_.has(FaceAttribute::kLongHair)) return;
  fill(6, 30, shade(hair_, 0.84f), 1, [](Vec2 p) {
    return rounded_box(p, {16, 17.2f}, {9.2f, 11.2f}, 8.2f);
  });
}

void Painter::hair_in_front() {
  const bool is_long = face_.has(FaceAttribute::kLongHair);
  const float width = 7.1f * face_.width;
  const float sides_end = is_long ? 20.5f : 16.2f;
  const auto hair = [&](Vec2 p) {
    const float cap = ellipse(p, {16, 15.6f}, {width + 1.1f, 9.6f * face_.height});
    const float opening = ellipse(p, {16 + face_.parting, 20.2f}, {width - 0.7f, 8.6f});
    return std::max({cap, -opening, p.y - sides_end});
  };
  fill(5, sides_end, hair_, 1, hair);
  if (is_long) {
    fill(12, 27, hair_, 1, [&](Vec2 p) {
      return stroke(mirrored(p), {16.4f + width, 13}, {17.2f + width, 25.2f}, 1.5f);
    });
  }
  const Colour shine = mix(hair_, rgb(255, 250, 235), 0.28f);
  fill(7, 11, shine, 0.8f, [&](Vec2 p) {
    return std::max(hair(p) + 0.8f, stroke(p, {12.2f, 9.9f}, {15.4f, 8.5f}, 0.6f));
  });
}

void Painter::eyes() {
  const Colour iris = mix(rgb(40, 28, 24), rgb(44, 62, 84), face_.eye_tone);
  fill(14, 19, rgb(252, 252, 250), 1, [](Vec2 p) {
    return ellipse(mirrored(p), {19.1f, 16.6f}, {1.4f, 1.25f});
  });
  fill(14, 19, iris, 1, [](Vec2 p) { return circle(mirrored(p), {19, 16.7f}, 0.85f); });
  fill(15, 18, rgb(255, 255, 255), 0.9f, [](Vec2 p) {
    return std::min(circle(p, {13.3f, 16.3f}, 0.3f), circle(p, {19.3f, 16.3f}, 0.3f));
  });
  const Colour brow = shade(hair_, 0.72f);
  fill(12, 16, brow, 0.9f, [](Vec2 p) { return stroke(mirrored(p), {17.8f, 14.3f}, {20.4f, 14.2f}, 0.36f); });
}

void Painter::mouth() {
  const Colour lips = rgb(214, 34, 52);
  if (face_.has(FaceAttribute::kSmile)) {
    const auto mouth = [](Vec2 p) { return std::max(ellipse(p, {16, 20.4f}, {5.0f, 4.6f}), 20.4f - p.y); };
    fill(20, 26, lips, 1, mouth);
    fill(20, 23, rgb(255, 255, 255), 1, [&](Vec2 p) { return std::max(mouth(p) + 0.45f, p.y - 22.6f); });
  } else if (face_.has(FaceAttribute::kFrown)) {
    fill(20, 25, lips, 1, [](Vec2 p) {
      return std::max(std::abs(circle(p, {16, 25.6f}, 4.3f)) - 1.1f, p.y - 24.6f);
    });
  } else {
    fill(21, 24, mix(skin_, lips, 0.6f), 1, [](Vec2 p) {
      return stroke(p, {14.2f, 22.2f}, {17.8f, 22.2f}, 0.55f);
    });
  }
}

void Painter::eyeglasses() {
  if (!face_.has(FaceAttribute::kEyeglasses)) return;
  const Colour frame = rgb(28, 28, 36);
  const auto lens = [](Vec2 p) { return rounded_box(mirrored(p), {19.3f, 16.7f}, {2.75f, 2.3f}, 1.1f); };
  fill(14, 20, rgb(40, 52, 92), 0.75f, lens);
  fill(14, 20, frame, 1, [&](Vec2 p) { return std::abs(lens(p)) - 0.5f; });
  const float ear = 16 + 7.1f * face_.width;
  fill(15, 18, frame, 1, [&](Vec2 p) {
    const Vec2 q = mirrored(p);
    return std::min(stroke(q, {15.5f, 16.2f}, {16.6f, 16.2f}, 0.4f),
                    stroke(q, {22, 16.2f}, {ear, 16.0f}, 0.4f));
  });
}

void Painter::hat() {
  if (!face_.has(FaceAttribute::kHat)) return;
  const Colour wool = mix(rgb(222, 44, 52), rgb(176, 28, 48), face_.hat_tone);
  const float width = 7.1f * face_.width + 1.3f;
  fill(2, 11, wool, 1, [&](Vec2 p) { return std::max(ellipse(p, {16, 10.2f}, {width, 7.0f}), p.y - 10); });
  fill(4, 9, mix(wool, rgb(255, 200, 190), 0.3f), 0.8f, [](Vec2 p) {
    return stroke(p, {11.6f, 7.6f}, {13.8f, 5.6f}, 0.5f);
  });
  fill(8, 12, shade(wool, 0.72f), 1, [&](Vec2 p) {
    return rounded_box(p, {16, 9.9f}, {width + 0.6f, 1.25f}, 1.2f);
  });
  fill(0, 5, rgb(250, 240, 228), 1, [](Vec2 p) { return circle(p, {16, 3.2f}, 1.5f); });
}

void Painter::earrings() {
  if (!face_.has(FaceAttribute::kEarrings)) return;
  const float x = 17.2f + 7.1f * face_.width;
  fill(18, 27, rgb(16, 186, 110), 1, [&](Vec2 p) { return circle(mirrored(p), {x, 21.9f}, 2.8f); });
  fill(19, 24, rgb(226, 255, 236), 0.9f, [&](Vec2 p) {
    return circle(mirrored(p), {x - 0.4f, 20.9f}, 0.6f);
  });
}

std::vector<float> Painter::paint() {
  background();
  hair_behind();
  body();
  head();
  eyes();
  mouth();
  hair_in_front();
  eyeglasses();
  hat();
  earrings();
  for (float& value : image_) value = std::clamp(value * face_.light, 0.f, 1.f);
  return std::move(image_);
}

}  // namespace

std::vector<float> paint_face(const Face& face, int64_t size) {
  return Painter(face, size).paint();
}

}  // namespace patronus
