#pragma once
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "patronus/data/data_config.h"

namespace patronus {

/// [N], split of each image according to its folder or table; nothing if these do not give one.
using GivenSplits = std::vector<std::optional<Split>>;

/// Parses a split: train, training, val, valid, validation, test or testing, ignoring case.
std::optional<Split> parse_split(std::string_view word);

/// Division of a data set into splits.
struct Division {
  PerSplit<std::vector<int64_t>> rows;  // indices of each split's images, ascending
  std::string remark;                   // "validation images are the test images"; may be empty
};

/// Divides images as given; those without a split are training images. Without test images, the validation
/// images become test images. Without either, holds out a share `test_fraction` of the images: at least one
/// unless the share is 0, and never all. Which ones depends only on the order of the hashes of their names,
/// so that neither the file system nor a seed moves an image to another split.
Division divide(const std::vector<std::string>& names, const GivenSplits& given, double test_fraction);

}  // namespace patronus
