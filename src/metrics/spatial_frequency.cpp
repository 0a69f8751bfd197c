#include "patronus/metrics/spatial_frequency.h"

#include <ATen/Functions.h>
#include <ATen/TensorOperators.h>

namespace patronus {

at::Tensor spectral_centroid(const at::Tensor& images) {
  const int64_t side = images.size(-1);
  const auto pixels = images.cpu().to(at::kDouble);
  const auto energy = at::fft_fft2(pixels).abs().square().sum(1);  // [B, S, S]
  const auto frequency = at::fft_fftfreq(side, 1.0 / static_cast<double>(side), at::kDouble).square();
  const auto radius = (frequency.unsqueeze(0) + frequency.unsqueeze(1)).sqrt();
  return (energy * radius).sum({1, 2}) / energy.sum({1, 2}).clamp_min(1e-30);
}

}  // namespace patronus
