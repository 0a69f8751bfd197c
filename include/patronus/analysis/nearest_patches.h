#pragma once
#include <ATen/core/Tensor.h>

#include <cstdint>
#include <string>
#include <vector>

#include "patronus/data/dataset.h"
#include "patronus/distributed/process_group.h"
#include "patronus/models/prototype_encoder.h"
#include "patronus/run/record.h"

namespace patronus {

/// The nearest real patches of every prototype, as in ProtoPNet: nearest first, at most one per image. All
/// tensors are on the CPU.
struct NearestPatches {
  at::Tensor image;       // int64 [P, K], index into the data set
  at::Tensor distance;    // float32 [P, K], squared
  at::Tensor activation;  // float32 [P, K]
  at::Tensor boxes;       // int64 [P, K, 4]: row0, row1, col0, col1
  at::Tensor usage;       // float64 [P], share of all patches for which this is the nearest prototype
  std::vector<std::vector<std::string>> files{};  // [P][K], of the images

  /// The rows of these prototypes.
  NearestPatches of(const std::vector<int64_t>& prototypes) const;
};

/// Searches the whole data set in batches, which `ranks` share; ties go to the earlier image. `count` is K,
/// at most the number of images. With 0, nothing is searched and `usage` is NaN.
NearestPatches nearest_patches(PrototypeEncoder encoder, const Dataset& dataset, int64_t count,
                               PatchRule rule = PatchRule::kExact, const ProcessGroup& ranks = {});

/// Records of the patches in `row`, nearest first: rank (from 1), file, activation, squared distance, box.
std::vector<Record> nearest_records(const NearestPatches& nearest, int64_t row);

}  // namespace patronus
