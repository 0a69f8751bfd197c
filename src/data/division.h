#pragma once
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "patronus/data/data_config.h"

namespace patronus {

/// The split of each image as its folder or table says; nothing for one that neither gives a split.
using GivenSplits = std::vector<std::optional<Split>>;

/// The split that a word names: train, training, val, valid, validation, test, testing, in any
/// capitalisation.
std::optional<Split> split_from(std::string_view word);

/// The rows of each split.
struct Division {
  PerSplit<std::vector<int64_t>> rows;
  std::string remark;  // "validation images are the test images"; may be empty
};

/// Divides images as given; those without a split are trained on. Where no test images are given, validation
/// images are the test images; where there are none of them either, `test_fraction` of the images, at least
/// one unless it is 0, but never the only one. It is the order of the names' hashes that decides which, so
/// that neither the file system nor the program's seed moves an image from one split to the other.
Division divide(const std::vector<std::string>& names, const GivenSplits& given, double test_fraction);

}  // namespace patronus
