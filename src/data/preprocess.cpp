#include "patronus/data/preprocess.h"

#include <ATen/Functions.h>
#include <ATen/TensorOperators.h>

#include <algorithm>

#include "patronus/core/pixels.h"

namespace patronus {

at::Tensor with_channels(const at::Tensor& pixels, int64_t channels) {
  if (pixels.size(0) == channels) return pixels;
  if (channels == 3) return pixels.expand({3, -1, -1});
  return gray_from_rgb(pixels.permute({1, 2, 0}));
}

at::Tensor centre_crop(const at::Tensor& pixels) {
  const int64_t height = pixels.size(1), width = pixels.size(2), side = std::min(height, width);
  return pixels.narrow(1, (height - side) / 2, side).narrow(2, (width - side) / 2, side);
}

at::Tensor preprocess(const at::Tensor& pixels, int64_t size) {
  auto image = pixels.to(at::kFloat).div_(255);
  if (image.size(1) != size || image.size(2) != size) {
    image = at::_upsample_bicubic2d_aa(image.unsqueeze(0), {size, size}, /*align_corners=*/false).squeeze(0);
  }
  return image.mul_(2).sub_(1);
}

}  // namespace patronus
