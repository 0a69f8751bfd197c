#pragma once
#include <ATen/core/Tensor.h>

#include <filesystem>
#include <string>
#include <vector>

#include "patronus/data/dataset.h"
#include "patronus/distributed/process_group.h"
#include "patronus/models/prototype_encoder.h"
#include "patronus/run/prototype_names.h"

namespace patronus {

/// Activations and best patches of many images (paper 3.1, A.1).
struct Encoding {
  std::vector<std::string> files;  // [N]
  at::Tensor activation;           // float32 [N, P] on the CPU
  at::Tensor distance;             // float32 [N, P], squared
  at::Tensor boxes;                // int64 [N, P, 4]: row0, row1, col0, col1 of the most activated patch
  std::string weights{};           // identity of the encoder's weights (weights_hash); empty: unknown
};

/// Encodes images first .. first + count - 1, or those at `indices` (int64 [N]), in batches on the encoder's
/// device. `ranks` share the work; all of them must call this.
Encoding encode_images(PrototypeEncoder encoder, const Dataset& dataset, int64_t first, int64_t count,
                       const ProcessGroup& ranks = {});
Encoding encode_images(PrototypeEncoder encoder, const Dataset& dataset, const at::Tensor& indices,
                       const ProcessGroup& ranks = {});

/// The `count` images (all if fewer) that activate a prototype most, strongest first: int64, rows of
/// `encoding`.
at::Tensor strongest_images(const Encoding& encoding, int64_t prototype, int64_t count);

/// Activations only, of all images or those at `indices`: float32 [N, P] on the CPU. All `ranks` must call
/// this.
at::Tensor encode_activations(PrototypeEncoder encoder, const Dataset& dataset,
                              const ProcessGroup& ranks = {});
at::Tensor encode_activations(PrototypeEncoder encoder, const Dataset& dataset, const at::Tensor& indices,
                              const ProcessGroup& ranks = {});

/// Writes to `folder`: `activations.csv` (one row per image), `patches.csv` (one row per image and prototype)
/// and `encoding.pt` ({"files", "activation", "distance", "boxes", "weights"}).
void write_encoding(const std::filesystem::path& folder, const Encoding& encoding,
                    const PrototypeNames& names);

/// Reads an `encoding.pt`, in which only `activation` is required (missing file names become numbers). Throws
/// DataError naming the file unless `activation` is [N, prototypes].
Encoding read_encoding(const std::filesystem::path& path, int64_t prototypes);

}  // namespace patronus
