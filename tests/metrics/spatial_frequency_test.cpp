#include "patronus/metrics/spatial_frequency.h"

#include <ATen/Functions.h>
#include <ATen/TensorOperators.h>
#include <gtest/gtest.h>

#include <cmath>
#include <numbers>

namespace patronus {
namespace {

constexpr int64_t kSide = 32;

/// A wave of `x` and `y` whole cycles a side: [1, 1, S, S].
at::Tensor wave(double x, double y) {
  const auto place = at::arange(kSide, at::kDouble) * (2 * std::numbers::pi / kSide);
  return (place.unsqueeze(0) * x + place.unsqueeze(1) * y).cos().view({1, 1, kSide, kSide});
}

double centroid_of(const at::Tensor& image) {
  return spectral_centroid(image).item<double>();
}

TEST(SpectralCentroid, OfAWaveIsItsFrequency) {
  EXPECT_NEAR(centroid_of(wave(3, 0)), 3, 1e-9);
  EXPECT_NEAR(centroid_of(wave(3, 4)), 5, 1e-9);
  EXPECT_NEAR(centroid_of(wave(0, 16)), 16, 1e-9);
}

TEST(SpectralCentroid, WeighsFrequenciesByTheirEnergy) {
  EXPECT_NEAR(centroid_of(2 * wave(2, 0) + wave(0, 7)), (4 * 2 + 7) / 5.0, 1e-9);
  const auto channels = at::cat({wave(2, 0), 3 * wave(8, 0)}, 1);
  EXPECT_NEAR(centroid_of(channels), (2 + 9 * 8) / 10.0, 1e-9);
}

TEST(SpectralCentroid, OfAnImageWithoutDetailIsZero) {
  const auto images = at::cat({at::full({1, 1, kSide, kSide}, 0.5), at::zeros({1, 1, kSide, kSide})});
  EXPECT_NEAR(spectral_centroid(images).abs().max().item<double>(), 0, 1e-12);
}

TEST(SpectralCentroid, OfASmallSpotIsHigherThanOfALargeOne) {
  auto spot = at::zeros({1, 3, kSide, kSide});
  auto area = spot.clone();
  spot.slice(2, 10, 12).slice(3, 10, 12).fill_(1);
  area.slice(2, 4, 28).slice(3, 4, 28).fill_(1);
  EXPECT_GT(centroid_of(spot), 3 * centroid_of(area));
}

}  // namespace
}  // namespace patronus
