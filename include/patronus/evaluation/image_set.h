#pragma once
#include <ATen/core/Tensor.h>

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>

#include "patronus/data/dataset.h"
#include "patronus/distributed/process_group.h"
#include "patronus/evaluation/image_features.h"
#include "patronus/metrics/frechet.h"
#include "patronus/metrics/kernel_distance.h"
#include "patronus/metrics/precision_recall.h"

namespace patronus {

/// A set of pictures as their features, or as their statistics alone.
struct ImageSet {
  std::string name;     // where the pictures come from
  at::Tensor features;  // float32 [N, D]; undefined where only statistics are known
  FeatureStatistics statistics;
  // Stands for the pictures, or for statistics that were read: features are not the same to the last bit each
  // time that they are computed. 0: nothing is known of the pictures.
  uint64_t fingerprint = 0;
};

/// DataError for fewer than two pictures, or features that are not finite.
ImageSet image_set(const std::string& name, const at::Tensor& features, uint64_t fingerprint = 0);

/// All pictures of a folder and those below it, each in its own size, in batches; or the statistics in a
/// `.npz` file of pytorch-fid. DataError for a picture that cannot be read, or statistics of other
/// dimensions.
ImageSet read_image_set(const std::filesystem::path& path, const ImageFeatures& features);

/// All images of a data set. The features are kept in `cache`: <name>-<key>.pt, and their statistics for
/// pytorch-fid in <name>-<key>.npz; the key stands for the images and for what the features are. The `ranks`
/// share the work.
ImageSet dataset_image_set(const Dataset& images, const std::string& name, const ImageFeatures& features,
                           const std::filesystem::path& cache, const ProcessGroup& ranks = {});

/// How near two sets of pictures are.
struct SetDistance {
  double frechet = 0;  // the FID, where the features are FID's
  // Whether a covariance is singular because there are no more pictures than dimensions: the distance is then
  // too large by an unknown amount.
  bool too_few = false;
  // These need the features of both sets.
  std::optional<KernelDistance> kernel{};
  std::optional<PrecisionRecall> precision_recall{};
};

/// Warns that a Fréchet distance of these features comes from too few pictures.
void warn_of_too_few(const ImageFeatures& features);

/// How far `generated` is from `real`. The seed is that of the kernel distance's subsets.
SetDistance set_distance(const ImageSet& real, const ImageSet& generated, uint64_t seed);

}  // namespace patronus
