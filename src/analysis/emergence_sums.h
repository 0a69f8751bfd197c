#pragma once
#include <ATen/core/Tensor.h>

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>

#include "patronus/analysis/emergence.h"

namespace patronus {

/// What is known of the images seen so far: sums, each over the images and over 1000 resamples of them (the
/// rows w of metrics/bootstrap.h), so that no image has to be kept. Of K prototypes over S steps, with L
/// late starts; float64.
struct EmergenceSums {
  int64_t images = 0;
  at::Tensor seen;     // [w], images
  at::Tensor counted;  // [w, K], images in which the prototype can be raised; the sums below are of these
  at::Tensor target_change;  // [w, K]
  at::Tensor difference;     // [w, K, S]
  at::Tensor square;         // [K, S], of the difference
  at::Tensor late;           // [w, K, L], final difference of an edit that begins late
  at::Tensor centroid;       // [w, K]
  at::Tensor loss;           // [w, S, 3], of all images
  at::Tensor example;        // int64 [K], the image with the largest final difference; -1: none
  at::Tensor largest;        // [K], that difference
};

/// Of no image.
EmergenceSums empty_sums(int64_t prototypes, int64_t steps, int64_t starts);

/// What raising one prototype did in R images, at least one.
struct RaisedCurves {
  at::Tensor image;          // int64 [R], number in the data set
  at::Tensor weights;        // [w, R]
  at::Tensor target_change;  // [R]
  at::Tensor difference;     // [R, S]
  at::Tensor late;           // [R, L]
  at::Tensor centroid;       // [R]
};

/// Adds them to the prototype in row `k` of the sums.
void add_curves(EmergenceSums& sums, int64_t k, const RaisedCurves& curves);

/// Writes the sums to `path`, under `protocol`, which stands for the model, the images and the settings.
void keep_sums(const std::filesystem::path& path, const EmergenceSums& sums, const std::string& protocol);
/// What was kept there under the same protocol, if anything.
std::optional<EmergenceSums> kept_sums(const std::filesystem::path& path, const std::string& protocol);

}  // namespace patronus
