#pragma once
#include <ATen/core/Tensor.h>

#include <cstdint>

#include "patronus/models/prototype_encoder.h"

namespace patronus {

/// Upsampled activation maps of one prototype for `images` [B, C, S, S]: float32 [B, size, size] on the CPU.
/// The maximum of a map is the image's activation, up to rounding of the distance map.
at::Tensor activation_maps(PrototypeEncoder encoder, const at::Tensor& images, int64_t prototype,
                           int64_t size);

/// Upsamples patch values [B, n, n] to image coordinates, size × size pixels: linear between patch centres,
/// constant beyond the outermost ones. Returns float32 [B, size, size].
at::Tensor upsample_patch_values(const at::Tensor& patches, const ReceptiveField& field, int64_t size);

}  // namespace patronus
