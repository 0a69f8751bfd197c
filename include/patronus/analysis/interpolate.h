#pragma once
#include <ATen/core/Tensor.h>

#include <filesystem>
#include <string>
#include <vector>

#include "patronus/analysis/inverted_images.h"

namespace patronus {

/// Two images of a data set, by index.
struct ImagePair {
  int64_t from;
  int64_t to;
};

/// Which pairs are drawn: any, or images with the same or with different values of an attribute, both known
/// (Fig. 20).
struct PairRule {
  std::string attribute{};  // empty: any pair
  bool same = true;
};

/// `count` pairs of different images, drawn by a seed; none twice, in either order, as long as a hundred
/// draws find another. ConfigError where no two images make such a pair, and
/// for an attribute that there is not.
std::vector<ImagePair> draw_pairs(const Dataset& images, int64_t count, uint64_t seed,
                                  const PairRule& rule = {});

struct InterpolateOptions {
  int64_t frames = 8;  // F, both ends included; at least 2
  RegenerateOptions regenerate = {};
};

/// K pairs in F frames. All on the CPU.
struct Interpolations {
  InterpolateOptions options;   // that they were made with
  InvertedImages from;          // K
  InvertedImages to;            // K
  std::vector<double> weights;  // [F], from 0 to 1
  at::Tensor target;            // float32 [K, F, P]
  at::Tensor image;             // float32 [K, F, C, S, S]
  at::Tensor activation;        // float32 [K, F, P], of the images, encoded again
};

/// Interpolates activations linearly and x_T spherically between the images of every pair, and regenerates
/// (paper 4.1, Fig. 4). The first and last frames are the round trips of the two images. Results do not
/// depend on the batch size.
Interpolations interpolate(TrainedModel& trained, const Dataset& images, const std::vector<ImagePair>& pairs,
                           const InterpolateOptions& options);

/// Writes into `folder`: `interpolate.png` (a strip a pair, the first 16), `interpolate.csv` (a row a frame,
/// with the mean absolute difference between the activations asked for and those of the image),
/// `round_trip.csv` (of all first images, then of all second ones), `index.json` (the settings) and
/// `interpolate.pt`.
void write_interpolations(const std::filesystem::path& folder, const TrainedModel& trained,
                          const Interpolations& interpolations);

}  // namespace patronus
