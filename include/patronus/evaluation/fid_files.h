#pragma once
#include <filesystem>

#include "patronus/metrics/frechet.h"
#include "patronus/models/inception.h"

namespace patronus {

// Files in pytorch-fid's formats.

/// Reads the Inception network's weights from `path`, a state dict saved by any PyTorch
/// (pt_inception-2015-12-05-6726825d.pth). Throws DataError for a damaged file or one without such a
/// dictionary; ConfigError, naming the first mismatched tensors, for the weights of another network.
Inception read_inception(const std::filesystem::path& path);

/// Reads the arrays `mu` [D] and `sigma` [D, D] of an .npz file as mean and covariance; the count, which the
/// file lacks, is 0. Throws DataError for other shapes and for values that are not finite.
FeatureStatistics read_feature_statistics(const std::filesystem::path& path);

/// Writes statistics for pytorch-fid. Atomic.
void write_feature_statistics(const std::filesystem::path& path, const FeatureStatistics& statistics);

}  // namespace patronus
