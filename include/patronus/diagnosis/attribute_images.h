#pragma once
#include <ATen/core/Tensor.h>

#include <string>
#include <vector>

#include "patronus/data/dataset.h"
#include "patronus/evaluation/representation.h"

namespace patronus {

/// Images with known 0/1 attributes.
struct AttributeImages {
  Dataset images;
  BinaryAttributes attributes;

  /// Values of attribute `a` of the images at `rows` (int64 [n]): int64 [n], 0, 1 or unknown.
  at::Tensor values(int64_t a, const at::Tensor& rows) const;
  /// Whether the images have any attribute, of whatever number of values.
  bool has_any() const { return !attributes.names.empty() || !attributes.left_out.empty(); }
};

/// Combines images with the data set's attributes, which may be none, or with those in the table `csv`
/// (read_attributes.h) unless empty.
AttributeImages with_attributes(const Dataset& images, const std::string& csv);

/// Index in `known` of each of the `wanted` names, -1 if missing.
std::vector<int64_t> columns_of(const std::vector<std::string>& wanted,
                                const std::vector<std::string>& known);

/// Values of the named attributes, in that order: int64 [N, A]; kUnknown in all images for a missing name.
at::Tensor attributes_named(const BinaryAttributes& attributes, const std::vector<std::string>& names);

/// Two halves of a sample: choices made on one are tested on the other. int64 indices, ascending.
struct SplitHalves {
  at::Tensor choose;
  at::Tensor report;
};

/// Draws at most `most` of `size` images with the seed and halves them. Throws DataError for fewer than 50.
SplitHalves split_in_halves(int64_t size, int64_t most, uint64_t seed);

/// Correlation (phi) of each pair of attributes over the images in which both are known: float64 [A, A]; 0 if
/// one of them is constant, NaN for fewer than two such images.
at::Tensor attribute_correlations(const at::Tensor& values);

/// Whether two attributes go together, or exclude each other, so often that one may be taken for the other: a
/// |correlation| of at least 0.5 in `correlations` (attribute_correlations).
bool are_confounded(const at::Tensor& correlations, size_t a, size_t b);

}  // namespace patronus
