#pragma once
#include <ATen/core/Tensor.h>

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>

#include "patronus/analysis/emergence.h"

namespace patronus {

/// Sums over the images processed so far, so that no image has to be kept. Row w = 0 is the sample, the
/// others are its 1000 resamples (`poisson_bootstrap_weights` in metrics/bootstrap.h): each image is
/// multiplied by its weight. K prototypes, S steps, L late starts; float64. Quantities as in `Emergence`.
struct EmergenceSums {
  int64_t images = 0;
  at::Tensor seen;  // [w], number of images
  // [w, K], number of images in which the prototype can be raised; the sums below are over these
  at::Tensor counted;
  at::Tensor target_change;  // [w, K]
  at::Tensor difference;     // [w, K, S]
  at::Tensor square;         // [K, S], squared differences of the sample, without resamples
  at::Tensor late;           // [w, K, L], final difference of an edit that starts late
  at::Tensor centroid;       // [w, K]
  at::Tensor loss;           // [w, S, 3], over all images
  at::Tensor example;        // int64 [K], index of the image with the largest final difference; -1: none
  at::Tensor largest;        // [K], final difference in that image
};

/// Sums over no images.
EmergenceSums empty_sums(int64_t prototypes, int64_t steps, int64_t starts);

/// Results of raising one prototype in R images, R at least 1.
struct RaisedCurves {
  at::Tensor image;          // int64 [R], index in the data set
  at::Tensor weights;        // [w, R], from `poisson_bootstrap_weights`
  at::Tensor target_change;  // [R]
  at::Tensor difference;     // [R, S]
  at::Tensor late;           // [R, L]
  at::Tensor centroid;       // [R]
};

/// Adds `curves` to the sums of the prototype in row `k`.
void add_curves(EmergenceSums& sums, int64_t k, const RaisedCurves& curves);

/// Saves the sums to `path` under `protocol`, an identifier of the model, images and settings.
void save_sums(const std::filesystem::path& path, const EmergenceSums& sums, const std::string& protocol);
/// Loads the sums saved at `path` under the same protocol, if any.
std::optional<EmergenceSums> load_sums(const std::filesystem::path& path, const std::string& protocol);

}  // namespace patronus
