#include "patronus/data/attribute_masks.h"

#include <ATen/Functions.h>
#include <ATen/TensorOperators.h>

#include <vector>

#include "patronus/core/to_vector.h"
#include "patronus/data/preprocess.h"
#include "patronus/io/image.h"

namespace patronus {
namespace {

at::Tensor read_mask(const std::filesystem::path& file, const DataConfig& config) {
  auto pixels = with_channels(read_image(file), 1);
  if (config.resize == Resize::kCrop) pixels = centre_crop(pixels);
  return preprocess(pixels, config.size)[0] > 0;
}

}  // namespace

AttributeMasks read_attribute_masks(const std::filesystem::path& folder, const Dataset& images,
                                    const at::Tensor& indices, const DataConfig& config) {
  int64_t dark = 0;
  std::vector<int64_t> rows;
  std::vector<at::Tensor> masks;
  const auto image = to_vector<int64_t>(indices);
  for (size_t i = 0; i < image.size(); ++i) {
    const auto file = folder / std::filesystem::path(images.file(image[i])).replace_extension(".png");
    if (!std::filesystem::exists(file)) continue;
    const auto mask = read_mask(file, config);
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
