#pragma once
#include <filesystem>

#include "patronus/analysis/encode.h"

namespace patronus {

/// Writes activations for TensorBoard's embedding projector to `folder`: `vectors.tsv` (one row per image),
/// `metadata.tsv` (file, and attributes if the data set has any), `sprite.png` (thumbnails of all images,
/// reduced so that the sprite is at most 8192 pixels a side) and `projector_config.pbtxt`, which refers to
/// the others. `encoding` covers the images from `first` on.
void write_projector(const std::filesystem::path& folder, const Encoding& encoding, const Dataset& images,
                     int64_t first);

}  // namespace patronus
