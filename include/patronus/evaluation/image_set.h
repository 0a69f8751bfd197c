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
#include "patronus/metrics/training_neighbours.h"

namespace patronus {

/// A set of pictures, represented by their features or by statistics only.
struct ImageSet {
  std::string name;     // source of the pictures
  at::Tensor features;  // float32 [N, D]; undefined if only statistics are known
  FeatureStatistics statistics;
  // Identifies the pictures, or statistics read from a file, as recomputed features may differ in the last
  // bit. 0: unknown.
  uint64_t fingerprint = 0;
};

/// Creates a set from features. Throws DataError for fewer than two pictures or features that are not finite.
ImageSet image_set(const std::string& name, const at::Tensor& features, uint64_t fingerprint = 0);

/// Computes features of all pictures in a folder and its subfolders, in original sizes, in batches; or reads
/// the statistics in a pytorch-fid `.npz` file. Throws DataError for unreadable pictures or statistics of
/// other dimensions.
ImageSet read_image_set(const std::filesystem::path& path, const ImageFeatures& features);

/// Computes features of all images of a data set; the `ranks` share the work. Caches the features in `cache`
/// as <name>-<key>.pt and their statistics for pytorch-fid as <name>-<key>.npz; the key identifies the images
/// and the features. A damaged file counts as none, with a warning.
ImageSet dataset_image_set(const Dataset& images, const std::string& name, const ImageFeatures& features,
                           const std::filesystem::path& cache, const ProcessGroup& ranks = {});

/// Distance between two sets of pictures.
struct SetDistance {
  double frechet = 0;  // the FID if the features are FID's
  // Whether a covariance is singular, with no more pictures than dimensions: the distance is then too large
  // by an unknown amount.
  bool too_few = false;
  // These require the features of both sets.
  std::optional<KernelDistance> kernel{};
  std::optional<PrecisionRecall> precision_recall{};
  // Not by set_distance, which knows no training images.
  std::optional<TrainingNeighbours> neighbours{};
};

/// Warns that a Fréchet distance of these features is based on too few pictures.
void warn_of_too_few(const ImageFeatures& features);

/// Computes the distance of `generated` from `real`. `seed` selects the subsets of the kernel distance.
SetDistance set_distance(const ImageSet& real, const ImageSet& generated, uint64_t seed);

}  // namespace patronus
