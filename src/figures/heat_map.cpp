#include "patronus/figures/heat_map.h"

#include <ATen/Functions.h>
#include <ATen/TensorOperators.h>

namespace patronus {
namespace {

constexpr double kPi = 3.14159265358979323846;

/// Inverse of the compression function of CIELAB.
at::Tensor decompressed(const at::Tensor& t) {
  constexpr double kKnee = 6.0 / 29;
  return at::where(t > kKnee, t.pow(3), 3 * kKnee * kKnee * (t - 4.0 / 29));
}

/// Linear light to 8-bit sRGB (IEC 61966-2-1).
at::Tensor srgb_pixels(const at::Tensor& light) {
  const auto c = light.clamp(0, 1);
  const auto encoded = at::where(c > 0.0031308, 1.055 * c.pow(1 / 2.4) - 0.055, 12.92 * c);
  return (encoded * 255).round().to(at::kByte);
}

/// CIELAB with white point D65 to sRGB: uint8 [3, ...].
at::Tensor lab_pixels(const at::Tensor& lightness, const at::Tensor& a, const at::Tensor& b) {
  const auto y = (lightness + 16) / 116;
  const auto X = 0.95047 * decompressed(y + a / 500);
  const auto Y = decompressed(y);
  const auto Z = 1.08883 * decompressed(y - b / 200);
  return srgb_pixels(at::stack({3.2406 * X - 1.5372 * Y - 0.4986 * Z, -0.9689 * X + 1.8758 * Y + 0.0415 * Z,
                                0.0557 * X - 0.2040 * Y + 1.0570 * Z}));
}

/// Luma (ITU-R BT.601) of a picture [1 or 3, H, W]: float [H, W].
at::Tensor luma(const at::Tensor& picture) {
  const auto p = picture.to(at::kFloat);
  return p.size(0) == 1 ? p[0] : 0.299 * p[0] + 0.587 * p[1] + 0.114 * p[2];
}

}  // namespace

at::Tensor heat_colors(const at::Tensor& values) {
  const auto v = values.to(at::kFloat).clamp(0, 1);
  // A spiral in CIELAB, whose hue runs from blue over purple and red to yellow. Its ends were chosen so that
  // the whole spiral lies within sRGB.
  const auto lightness = 12 + 78 * v;
  const auto hue = (-60 + 160 * v) * (kPi / 180);
  constexpr double kChroma = 50;
  return lab_pixels(lightness, kChroma * hue.cos(), kChroma * hue.sin());
}

at::Tensor draw_heat_map(const at::Tensor& values, const at::Tensor& picture) {
  constexpr double kOpacity = 0.7;
  const int64_t factor = values.size(0) / picture.size(1);
  TORCH_CHECK(values.size(0) == factor * picture.size(1) && values.size(1) == factor * picture.size(2),
              "draw_heat_map: values ", values.sizes(), " are no whole multiple of the picture ",
              picture.sizes());
  const auto gray = luma(picture).repeat_interleave(factor, 0).repeat_interleave(factor, 1);
  return (kOpacity * heat_colors(values) + (1 - kOpacity) * gray).round().to(at::kByte);
}

}  // namespace patronus
