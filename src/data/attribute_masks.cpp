#include "patronus/data/attribute_masks.h"

#include <ATen/Functions.h>
#include <ATen/TensorOperators.h>

#include <algorithm>
#include <cstdlib>
#include <map>
#include <string>
#include <vector>

#include "patronus/core/error.h"
#include "patronus/core/to_vector.h"
#include "patronus/data/preprocess.h"
#include "patronus/io/image.h"

namespace patronus {
namespace {

namespace fs = std::filesystem;

/// Throws DataError if a mask and its image differ in shape by more than a pixel of the smaller one.
void check_shape(const fs::path& file, const at::Tensor& mask, const OriginalImage& image) {
  const int64_t width = mask.size(-1), height = mask.size(-2);
  const int64_t longest = std::max({width, height, int64_t{image.width}, int64_t{image.height}});
  if (std::abs(width * image.height - height * image.width) <= longest) return;
  const auto size = [](int64_t w, int64_t h) { return std::to_string(w) + " x " + std::to_string(h); };
  throw DataError(file.string() + ": " + size(width, height) + " pixels, its image has " +
                  size(image.width, image.height) + "; expected a mask of the whole image, in any size");
}

at::Tensor read_mask(const fs::path& file, const OriginalImage& image, const DataConfig& config) {
  auto pixels = with_channels(read_image(file), 1);
  check_shape(file, pixels, image);
  if (config.resize == Resize::kCrop) pixels = centre_crop(pixels);
  return preprocess(pixels, config.size)[0] > 0;
}

}  // namespace

AttributeMasks read_attribute_masks(const fs::path& folder, const Dataset& images, const at::Tensor& indices,
                                    const DataConfig& config) {
  int64_t dark = 0;
  std::vector<int64_t> rows;
  std::vector<at::Tensor> masks;
  std::map<fs::path, int64_t> owners;
  const auto image = to_vector<int64_t>(indices);
  for (size_t i = 0; i < image.size(); ++i) {
    const auto file = folder / fs::path(images.file(image[i])).replace_extension(".png");
    if (!fs::exists(file)) continue;
    if (const auto [owner, is_first] = owners.emplace(file, image[i]); !is_first) {
      throw DataError(file.string() + ": is it the mask of " + images.file(owner->second) + " or of " +
                      images.file(image[i]) + "? Rename one of the images and its mask");
    }
    const auto mask = read_mask(file, images.original(image[i]), config);
    if (!mask.any().item<bool>()) {
      ++dark;
      continue;
    }
    rows.push_back(static_cast<int64_t>(i));
    masks.push_back(mask);
  }
  return {at::tensor(rows, at::kLong),
          masks.empty() ? at::empty({0, config.size, config.size}, at::kBool) : at::stack(masks), dark};
}

}  // namespace patronus
