#pragma once
#include <filesystem>

#include "patronus/analysis/encode.h"

namespace patronus {

/// Writes activations for TensorBoard's embedding projector into `folder`: `vectors.tsv` (a row an image),
/// `metadata.tsv` (its file, and its attributes where the data set has any), `sprite.png` (all images as
/// thumbnails, smaller where there are many: the sprite has at most 8192 pixels a side), and
/// `projector_config.pbtxt`, which names them. `encoding` is that of the images from `first` on.
void write_projector(const std::filesystem::path& folder, const Encoding& encoding, const Dataset& images,
                     int64_t first);

}  // namespace patronus
