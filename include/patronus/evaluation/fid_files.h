#pragma once
#include <filesystem>

#include "patronus/metrics/frechet.h"
#include "patronus/models/inception.h"

namespace patronus {

// The files of pytorch-fid.

/// The network with the weights of `path`, a state dict saved by any PyTorch
/// (pt_inception-2015-12-05-6726825d.pth). DataError for a file that is damaged or not such a dictionary;
/// ConfigError, naming the first tensors that do not fit, for the weights of another network.
Inception read_inception(const std::filesystem::path& path);

/// The arrays `mu` [D] and `sigma` [D, D] of an .npz file as mean and covariance; its count is not in the
/// file and left 0. DataError for other shapes, and for values that are not finite.
FeatureStatistics read_feature_statistics(const std::filesystem::path& path);

/// Writes them for pytorch-fid. Atomic.
void write_feature_statistics(const std::filesystem::path& path, const FeatureStatistics& statistics);

}  // namespace patronus
