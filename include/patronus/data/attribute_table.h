#pragma once
#include <ATen/core/Tensor.h>

#include <string>
#include <vector>

#include "patronus/core/unknown.h"

namespace patronus {

/// What is known of every image, attribute by attribute.
struct AttributeTable {
  std::vector<std::string> names;               // [A]; "label" for class data sets
  at::Tensor values;                            // int64 [N, A]: 0, 1 ... or kUnknown
  std::vector<std::vector<std::string>> words;  // [A], what values 0, 1 ... stand for; empty: 0 no, 1 yes

  /// The table of the images at `indices` (int64 [n]).
  AttributeTable rows(const at::Tensor& indices) const;
  /// The attributes of these names, in their order. ConfigError for one that there is not.
  AttributeTable columns(const std::vector<std::string>& wanted) const;
};

/// Images for which a condition holds.
struct MatchingImages {
  at::Tensor rows;      // int64 [n], ascending
  int64_t unknown = 0;  // further images, for which that depends on values that nobody knows
};

/// The images for which `condition` holds, at least one. A condition is comparisons such as Smiling=1,
/// label!=cat or age>=30, put together by and, or, not and parentheses; names and values that hold an
/// operator or one of these words are quoted. A value is one of the attribute's words, 0 or 1 where it has
/// none, or its place among words of which none is a number. ConfigError, with the place in the text, for
/// what is no condition, and for an attribute or value that there is not; and when it holds for no image.
MatchingImages images_where(const AttributeTable& table, const std::string& condition);

}  // namespace patronus
