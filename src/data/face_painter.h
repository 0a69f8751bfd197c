#pragma once
#include <array>
#include <cstdint>
#include <vector>

#include "patronus/data/faces.h"

namespace patronus {

/// All parameters of one drawing of `faces`. Lengths are in units of 1/32 of the image's side; tones and hues
/// range from 0 to 1 between the two ends of a colour range.
struct Face {
  std::array<bool, kFaceAttributes> attributes{};
  float dx = 0, dy = 0;  // shift of the figure
  float scale = 1;
  float tilt = 0;               // radians
  float width = 1, height = 1;  // of the head, relative to the default
  float parting = 0;            // horizontal shift of the fringe's highest point
  float hair_tone = 0, skin_tone = 0, background_tone = 0, background_hue = 0, hat_tone = 0;
  float clothes_tone = 0, clothes_hue = 0, eye_tone = 0, light = 1;  // `light`: brightness factor

  bool has(FaceAttribute attribute) const { return attributes[static_cast<size_t>(attribute)]; }
};

/// Draws the parameters of image `index` of a split.
Face drawn_face(const FacesConfig& config, Split split, int64_t index);

/// Renders `face` with antialiasing: RGB in [0, 1], planar [3, size, size].
std::vector<float> paint_face(const Face& face, int64_t size);

}  // namespace patronus
