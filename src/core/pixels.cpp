#include "patronus/core/pixels.h"

#include <ATen/Functions.h>
#include <ATen/TensorOperators.h>

namespace patronus {

at::Tensor to_pixels(const at::Tensor& images) {
  return images.to(at::kFloat).clamp(-1, 1).add(1).mul(127.5).round().to(at::kByte);
}

}  // namespace patronus
