#pragma once
#include <array>
#include <cstdint>
#include <vector>

#include "patronus/data/faces.h"

namespace patronus {

/// Everything that one drawing of `faces` depends on. Lengths are in units of 1/32 of the image's side, tones
/// run from 0 to 1 between the two ends of a range of colours.
struct Face {
  std::array<bool, kFaceAttributes> attributes{};
  float dx = 0, dy = 0;  // shift of the whole figure
  float scale = 1;
  float tilt = 0;               // radians
  float width = 1, height = 1;  // of the head, relative
  float parting = 0;            // shift of the fringe's highest point
  float hair_tone = 0, skin_tone = 0, background_tone = 0, background_hue = 0, hat_tone = 0;
  float clothes_tone = 0, clothes_hue = 0, eye_tone = 0, light = 1;

  bool has(FaceAttribute attribute) const { return attributes[static_cast<size_t>(attribute)]; }
};

/// What image `index` of a split draws.
Face drawn_face(const FacesConfig& config, Split split, int64_t index);

/// Draws `face` antialiased: RGB in [0, 1], planar [3, size, size].
std::vector<float> paint_face(const Face& face, int64_t size);

}  // namespace patronus
