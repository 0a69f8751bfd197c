#include "patronus/core/pixels.h"

#include <ATen/Functions.h>
#include <ATen/TensorOperators.h>

namespace patronus {

at::Tensor to_pixels(const at::Tensor& images) {
  return images.to(at::kFloat).clamp(-1, 1).add(1).mul(127.5).round().to(at::kByte);
}

bool is_gray(const at::Tensor& image) {
  return image.size(0) == 1 || (image[0].equal(image[1]) && image[0].equal(image[2]));
}

at::Tensor gray_from_rgb(const at::Tensor& rgb) {
  const auto pixels = rgb.contiguous();
  auto gray = at::empty({1, pixels.size(0), pixels.size(1)}, at::kByte);
  const auto* in = pixels.const_data_ptr<uint8_t>();
  auto* out = gray.data_ptr<uint8_t>();
  for (int64_t i = 0; i < gray.numel(); ++i, in += 3) {
    out[i] = static_cast<uint8_t>((19595 * in[0] + 38470 * in[1] + 7471 * in[2] + 32768) >> 16);
  }
  return gray;
}

}  // namespace patronus
