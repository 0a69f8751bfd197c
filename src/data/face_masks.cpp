#include <ATen/Parallel.h>
#include <ATen/ops/empty.h>

#include <cmath>

#include "data/face_painter.h"
#include "patronus/core/to_vector.h"
#include "patronus/data/faces.h"

namespace patronus {
namespace {

constexpr float kVisibleChange = 16.f / 255;

/// `face` with one attribute switched; smile and frown exclude each other.
Face switched(Face face, FaceAttribute attribute, bool on) {
  const auto set = [&](FaceAttribute a, bool value) { face.attributes[static_cast<size_t>(a)] = value; };
  if (attribute == FaceAttribute::kSmile) set(FaceAttribute::kFrown, false);
  if (attribute == FaceAttribute::kFrown) set(FaceAttribute::kSmile, false);
  set(attribute, on);
  return face;
}

void write_mask(const Face& face, FaceAttribute attribute, int64_t size, bool* mask) {
  const auto on = paint_face(switched(face, attribute, true), size);
  const auto off = paint_face(switched(face, attribute, false), size);
  const auto plane = static_cast<size_t>(size * size);
  for (size_t i = 0; i < plane; ++i) {
    mask[i] = false;
    for (size_t c = 0; c < 3; ++c)
      mask[i] |= std::abs(on[c * plane + i] - off[c * plane + i]) > kVisibleChange;
  }
}

}  // namespace

at::Tensor face_masks(const FacesConfig& config, Split split, int64_t size, const at::Tensor& numbers,
                      FaceAttribute attribute) {
  const auto faces = to_vector<int64_t>(numbers);
  const auto count = std::ssize(faces);
  auto masks = at::empty({count, size, size}, at::kBool);
  auto* mask = masks.mutable_data_ptr<bool>();
  at::parallel_for(0, count, 16, [&](int64_t begin, int64_t end) {
    for (int64_t i = begin; i < end; ++i)
      write_mask(drawn_face(config, split, faces[i]), attribute, size, mask + i * size * size);
  });
  return masks;
}

}  // namespace patronus
