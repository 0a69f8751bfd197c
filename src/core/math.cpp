#include "patronus/core/math.h"

#include <ATen/Functions.h>
#include <ATen/TensorOperators.h>

#include <cmath>

namespace patronus {
namespace {

constexpr int64_t kWindow = 11;

/// Normalised 2-D Gaussian for a depthwise convolution: float64 [C, 1, 11, 11].
at::Tensor gaussian_window(int64_t channels, at::Device device) {
  constexpr double kSigma = 1.5;
  const auto offset = at::arange(kWindow, at::TensorOptions(at::kDouble).device(device)) - (kWindow - 1) / 2;
  const auto line = at::exp(-offset.square() / (2 * kSigma * kSigma));
  const auto square = at::outer(line, line);
  return (square / square.sum()).expand({channels, 1, kWindow, kWindow});
}

}  // namespace

at::Tensor slerp(const at::Tensor& a, const at::Tensor& b, double weight) {
  TORCH_CHECK(a.sizes() == b.sizes(), "slerp between ", a.sizes(), " and ", b.sizes());
  constexpr double kSmallestSine = 1e-6;
  const auto a_rows = a.flatten(1).to(at::kDouble);
  const auto b_rows = b.flatten(1).to(at::kDouble);
  const auto lengths = a_rows.norm(2, 1, true) * b_rows.norm(2, 1, true);
  const auto theta = at::acos(((a_rows * b_rows).sum(1, true) / lengths).clamp(-1, 1));
  const auto sine = at::sin(theta);
  const auto on_sphere = sine > kSmallestSine;  // false for the NaN of a zero row too
  const auto a_weight = at::where(on_sphere, at::sin((1 - weight) * theta) / sine, 1 - weight);
  const auto b_weight = at::where(on_sphere, at::sin(weight * theta) / sine, weight);
  return (a_weight * a_rows + b_weight * b_rows).to(a.scalar_type()).view_as(a);
}

double effective_rank(const at::Tensor& matrix) {
  const auto singular_values = at::linalg_svdvals(matrix.to(at::kCPU, at::kDouble));
  const double sum = singular_values.sum().item<double>();
  if (sum == 0) return 0;
  const auto share = singular_values / sum;
  return std::exp(-at::xlogy(share, share).sum().item<double>());
}

at::Tensor to_pixels(const at::Tensor& images) {
  return images.to(at::kFloat).clamp(-1, 1).add(1).mul(127.5).round().to(at::kByte);
}

at::Tensor mse(const at::Tensor& a, const at::Tensor& b) {
  TORCH_CHECK(a.sizes() == b.sizes(), "images ", a.sizes(), " compared with ", b.sizes());
  return (a.to(at::kDouble) - b.to(at::kDouble)).square().flatten(1).mean(1);
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
  const auto x = a.to(at::kDouble), y = b.to(at::kDouble);
  const auto mean_x = local_mean(x), mean_y = local_mean(y);
  const auto variances = local_mean(x * x) - mean_x.square() + local_mean(y * y) - mean_y.square();
  const auto covariance = local_mean(x * y) - mean_x * mean_y;
  const auto similarity = (2 * mean_x * mean_y + kLuminance) * (2 * covariance + kContrast) /
                          ((mean_x.square() + mean_y.square() + kLuminance) * (variances + kContrast));
  return similarity.flatten(1).mean(1);
}

}  // namespace patronus
