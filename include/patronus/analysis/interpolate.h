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

/// Which pairs are drawn: any, or images with equal or with different known values of an attribute (Fig. 20).
struct PairRule {
  std::string attribute{};  // empty: any pair
  bool same = true;
};

/// Draws `count` pairs of different images with a seed. No pair repeats, in either order; if fewer pairs
/// exist, returns all of them and logs this. Throws ConfigError if no two images form such a pair, or if the
/// attribute does not exist.
std::vector<ImagePair> draw_pairs(const Dataset& images, int64_t count, uint64_t seed,
                                  const PairRule& rule = {});

struct InterpolateOptions {
  int64_t frames = 8;  // F, at least 2, both ends included
  RegenerateOptions regenerate = {};
};

/// K pairs in F frames each. All tensors are on the CPU.
struct Interpolations {
  InterpolateOptions options;   // options used
  InvertedImages from;          // K
  InvertedImages to;            // K
  std::vector<double> weights;  // [F], from 0 to 1
  at::Tensor target;            // float32 [K, F, P]
  at::Tensor image;             // float32 [K, F, C, S, S]
  at::Tensor activation;        // float32 [K, F, P], re-encoded from `image`
};

/// Interpolates activations linearly and x_T spherically between the images of each pair, and regenerates
/// (paper 4.1, Fig. 4). The first and last frames are the round trips of the two images. Results do not
/// depend on the batch size.
Interpolations interpolate(TrainedModel& trained, const Dataset& images, const std::vector<ImagePair>& pairs,
                           const InterpolateOptions& options);

/// Writes to `folder`: `interpolate.png` (a strip for each of the first 16 pairs), `interpolate.csv` (one row
/// per frame, with the mean absolute difference between requested and reached activations), `round_trip.csv`
/// (all first images, then all second ones), `index.json` (settings) and `interpolate.pt`.
void write_interpolations(const std::filesystem::path& folder, const TrainedModel& trained,
                          const Interpolations& interpolations);

}  // namespace patronus
