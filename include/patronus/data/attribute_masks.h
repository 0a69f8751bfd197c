#pragma once
#include <ATen/core/Tensor.h>

#include <filesystem>

#include "patronus/data/data_config.h"
#include "patronus/data/dataset.h"

namespace patronus {

/// Pixels that show an attribute, for n of some images.
struct AttributeMasks {
  at::Tensor rows;   // int64 [n], ascending positions in the list of images
  at::Tensor masks;  // bool [n, S, S], true somewhere in each
  int64_t dark = 0;  // further images of which the mask has no light pixel
};

/// Reads masks for the images at `indices` (int64 [N]) from a folder with one picture per image, light where
/// the attribute is (128 or more of 255, resized): with the image's name below the data folder and the
/// extension .png. Masks become square and of the images' size like these. Images without a mask, or with one
/// that is dark everywhere, are left out. Throws DataError, naming the file, for a mask that cannot be
/// decoded, has not the shape of its image, or belongs to two images whose names differ in the extension.
AttributeMasks read_attribute_masks(const std::filesystem::path& folder, const Dataset& images,
                                    const at::Tensor& indices, const DataConfig& config);

}  // namespace patronus
