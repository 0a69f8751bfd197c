#pragma once
#include <ATen/core/Tensor.h>

#include <cstdint>

#include "patronus/models/prototype_encoder.h"

namespace patronus {

/// How strongly one prototype responds where, for `images` [B, C, S, S]: its activation at every patch,
/// spread over a picture of size × size pixels; float32 [B, size, size] on the CPU. The largest value is the
/// image's activation, up to the rounding of the distance map.
at::Tensor activation_maps(PrototypeEncoder encoder, const at::Tensor& images, int64_t prototype,
                           int64_t size);

/// Numbers of patches [B, n, n] over the image, drawn size × size large: linear between the patches' centres,
/// constant beyond the outermost. float32 [B, size, size].
at::Tensor spread_over_image(const at::Tensor& patches, const ReceptiveField& field, int64_t size);

}  // namespace patronus
