#pragma once
#include <ATen/core/Tensor.h>

#include <string>
#include <vector>

#include "patronus/data/dataset.h"
#include "patronus/evaluation/representation.h"

namespace patronus {

/// Images of which 0/1 attributes are known.
struct AttributeImages {
  Dataset images;
  BinaryAttributes attributes;

  /// Values of attribute `a` of the images at `rows` (int64 [n]): int64 [n], 0, 1 or unknown.
  at::Tensor values(int64_t a, const at::Tensor& rows) const;
};

/// The images with the data set's attributes, or those of the table `csv` (read_attributes.h) where it is not
/// empty. DataError for images without attributes.
AttributeImages with_attributes(const Dataset& images, const std::string& csv);

/// The places of the `wanted` names among the `known`, -1 for one that is not there.
std::vector<int64_t> columns_of(const std::vector<std::string>& wanted,
                                const std::vector<std::string>& known);

/// The attributes of these names, in their order: int64 [N, A]; kUnknown in every image where there is none
/// of a name.
at::Tensor attributes_named(const BinaryAttributes& attributes, const std::vector<std::string>& names);

/// Two halves of a sample: what is chosen in one is judged in the other. int64, ascending.
struct Halves {
  at::Tensor choose;
  at::Tensor report;
};

/// Halves of at most `most` of `size` images, drawn by the seed. DataError for fewer than 50.
Halves split_in_halves(int64_t size, int64_t most, uint64_t seed);

/// Correlations (phi) of every two attributes over the images that both are known of: float64 [A, A], 0 where
/// one does not vary, NaN where there are fewer than two such images.
at::Tensor attribute_correlations(const at::Tensor& values);

}  // namespace patronus
