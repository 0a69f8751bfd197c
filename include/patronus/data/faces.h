#pragma once
#include <ATen/core/Tensor.h>

#include <cstdint>
#include <string>
#include <vector>

#include "patronus/data/data_config.h"

namespace patronus {

/// Attributes of `faces`, in column order. At most one of smile and frown is set. Each attribute is visible
/// within a patch of 14 x 14 pixels of a 32 x 32 image; the encoder's receptive field has 15 x 15.
enum class FaceAttribute {
  kBlondHair,  // black to brown otherwise
  kLongHair,
  kEyeglasses,
  kSmile,
  kFrown,
  kHat,
  kEarrings,
  kPaleSkin,        // brown otherwise
  kBlueBackground,  // beige to gray otherwise
};
inline constexpr int64_t kFaceAttributes = 9;

/// Names in the order of FaceAttribute: "blond_hair", "long_hair", ...
const std::vector<std::string>& face_attribute_names();

/// Drawn faces and their ground truth.
struct Faces {
  at::Tensor pixels;      // uint8 [N, 3, size, size]
  at::Tensor attributes;  // int64 [N, 9], 0 or 1
};

/// Draws images first .. first + count - 1 of a split. Image i depends only on (config.seed, split, i);
/// another `size` gives the same drawing at another resolution. Every attribute has probability 1/2, but
/// frown and no expression 1/4 each. With probability `config.correlation`, smile is set equal to blond_hair
/// (paper 4.4), so that this is the correlation coefficient of the two; nothing else of the drawing changes.
Faces draw_faces(const FacesConfig& config, Split split, int64_t size, int64_t first, int64_t count);

/// Attributes of the first `count` images of draw_faces, without drawing: int64 [count, 9].
at::Tensor draw_face_attributes(const FacesConfig& config, Split split, int64_t count);

/// Number in its split, as draw_faces counts, of the drawn face that a data set calls `name` ("test-00012":
/// 12). It is not its place in the data set, where `data.where` leaves faces out.
int64_t face_number(const std::string& name);

/// Where an attribute is drawn, or would be, in the faces numbered `numbers` (int64 [n], as draw_faces
/// counts): the pixels that change visibly if this attribute alone is switched. bool [n, size, size].
at::Tensor face_masks(const FacesConfig& config, Split split, int64_t size, const at::Tensor& numbers,
                      FaceAttribute attribute);

}  // namespace patronus
