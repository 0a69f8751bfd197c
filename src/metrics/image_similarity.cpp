#include "patronus/metrics/image_similarity.h"

#include <ATen/Functions.h>
#include <ATen/TensorOperators.h>

#include <algorithm>
#include <cmath>

namespace patronus {
namespace {

constexpr int64_t kWindow = 11;

/// Normalised 2-D Gaussian window for a depthwise convolution: float64 [C, 1, 11, 11].
at::Tensor gaussian_window(int64_t channels, at::Device device) {
  constexpr double kSigma = 1.5;
  const auto offset = at::arange(kWindow, at::TensorOptions(at::kDouble).device(device)) - (kWindow - 1) / 2;
  const auto line = at::exp(-offset.square() / (2 * kSigma * kSigma));
  const auto square = at::outer(line, line);
  return (square / square.sum()).expand({channels, 1, kWindow, kWindow});
}

/// Applies `compare` in batches, so that no float64 copy of a large set is needed: [B].
template <class Compare>
at::Tensor in_float64(const at::Tensor& a, const at::Tensor& b, const Compare& compare) {
  constexpr int64_t kPixels = 1 << 22;  // per batch of at least one image
  const int64_t batch = std::max<int64_t>(1, kPixels * a.size(0) / std::max<int64_t>(1, a.numel()));
  auto result = at::empty({a.size(0)}, a.options().dtype(at::kDouble));
  for (int64_t first = 0; first < a.size(0); first += batch) {
    const auto part = [&](const at::Tensor& images) {
      return images.slice(0, first, first + batch).to(at::kDouble);
    };
    result.slice(0, first, first + batch).copy_(compare(part(a), part(b)));
  }
  return result;
}

}  // namespace

at::Tensor mse(const at::Tensor& a, const at::Tensor& b) {
  TORCH_CHECK(a.sizes() == b.sizes(), "images ", a.sizes(), " compared with ", b.sizes());
  return in_float64(
      a, b, [](const at::Tensor& x, const at::Tensor& y) { return (x - y).square().flatten(1).mean(1); });
}

at::Tensor psnr(const at::Tensor& a, const at::Tensor& b) {
  constexpr double kDataRange = 2;
  return 10 * at::log10(kDataRange * kDataRange / mse(a, b));
}

at::Tensor ssim(const at::Tensor& a, const at::Tensor& b) {
  TORCH_CHECK(a.sizes() == b.sizes() && a.dim() == 4 && a.size(2) >= kWindow && a.size(3) >= kWindow,
              "ssim needs two equal batches of images of at least 11x11 pixels, got ", a.sizes(), " and ",
              b.sizes());
  constexpr double kDataRange = 2;
  constexpr double kLuminance = (0.01 * kDataRange) * (0.01 * kDataRange);
  constexpr double kContrast = (0.03 * kDataRange) * (0.03 * kDataRange);
  const int64_t channels = a.size(1);
  const auto window = gaussian_window(channels, a.device());
  const auto local_mean = [&](const at::Tensor& image) {
    return at::conv2d(image, window, {}, 1, at::IntArrayRef{0}, 1, channels);
  };
  return in_float64(a, b, [&](const at::Tensor& x, const at::Tensor& y) {
    const auto mean_x = local_mean(x), mean_y = local_mean(y);
    const auto variances = local_mean(x * x) - mean_x.square() + local_mean(y * y) - mean_y.square();
    const auto covariance = local_mean(x * y) - mean_x * mean_y;
    const auto similarity = (2 * mean_x * mean_y + kLuminance) * (2 * covariance + kContrast) /
                            ((mean_x.square() + mean_y.square() + kLuminance) * (variances + kContrast));
    return similarity.flatten(1).mean(1);
  });
}

}  // namespace patronus
