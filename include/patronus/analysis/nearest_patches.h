#pragma once
#include <ATen/core/Tensor.h>

#include <cstdint>

#include "patronus/data/dataset.h"
#include "patronus/models/prototype_encoder.h"

namespace patronus {

/// The real patches that lie nearest to every prototype, as ProtoPNet shows its prototypes: nearest first, at
/// most one an image. All on the CPU.
struct NearestPatches {
  at::Tensor image;       // int64 [P, K], index into the data set
  at::Tensor distance;    // float32 [P, K], squared
  at::Tensor activation;  // float32 [P, K]
  at::Tensor boxes;       // int64 [P, K, 4]: row0, row1, col0, col1
  at::Tensor usage;  // float64 [P], share of all patches that are nearer to it than to any other prototype
};

/// Searches the whole data set in batches; of equally near patches the one of the earlier image comes first.
/// `count` is K; it becomes the number of images where there are fewer. 0: nothing is searched, and `usage`
/// is NaN.
NearestPatches nearest_patches(PrototypeEncoder encoder, const Dataset& dataset, int64_t count,
                               PatchRule rule = PatchRule::kExact);

}  // namespace patronus
