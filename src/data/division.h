#pragma once
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace patronus {

/// Which part of a data set an image belongs to, as its folder or table says.
enum class Part { kUndivided, kTrain, kValidation, kTest };

/// The part that a word names: train, training, val, valid, validation, test, testing, in any
/// capitalisation.
std::optional<Part> part_from(std::string_view word);

/// The rows of each half.
struct Division {
  std::vector<int64_t> train;
  std::vector<int64_t> test;
  std::vector<int64_t> validation;
  std::string remark;  // "validation images are the test images"; may be empty
};

/// Divides images into halves by their parts: test images are the test half, validation images are then in
/// neither half. Where there are none, validation images are the test half; where there are none of them
/// either, `test_fraction` of the images, at least one unless it is 0, but never the only one. It is the
/// order of the names' hashes that decides which, so that neither the file system nor the program's seed
/// moves an image from one half to the other.
Division divide(const std::vector<std::string>& names, const std::vector<Part>& parts, double test_fraction);

}  // namespace patronus
