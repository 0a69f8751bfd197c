#pragma once
#include <ATen/core/Tensor.h>

#include <string>
#include <vector>

#include "patronus/core/unknown.h"

namespace patronus {

/// Known attributes of all images.
struct AttributeTable {
  std::vector<std::string> names;                     // [A]; "label" for data sets with classes
  at::Tensor values;                                  // int64 [N, A]: 0, 1 ... or kUnknown
  std::vector<std::vector<std::string>> value_names;  // [A], of 0, 1 ...; empty: no, yes

  /// Table of the images at `indices` (int64 [n]).
  AttributeTable rows(const at::Tensor& indices) const;
  /// Table of the attributes named in `wanted`, in that order. Throws ConfigError for an unknown name.
  AttributeTable columns(const std::vector<std::string>& wanted) const;
  /// The name of an attribute's value, or its number where it has none.
  std::string value_name(size_t attribute, int64_t value) const;
};

/// Distinct known values of `column` (int64 [N]), ascending.
std::vector<int64_t> known_values(const at::Tensor& column);

/// Images that have the same values.
struct ValueCombination {
  std::string text;  // "hat=1, label=cat"
  at::Tensor rows;   // int64 [n], ascending
};

/// Groups images by their values of all attributes of `table`, in the order of the values. Images of which a
/// value is unknown are in no group.
std::vector<ValueCombination> combinations_of_values(const AttributeTable& table);

/// Images that satisfy a condition.
struct MatchingImages {
  at::Tensor rows;      // int64 [n], ascending
  int64_t unknown = 0;  // number of further images for which unknown values leave it undecided
};

/// Finds the images, at least one, that satisfy `condition`: comparisons such as Smiling=1, label!=cat or
/// age>=30, combined with and, or, not and parentheses. Names and values that contain an operator or one of
/// these words are quoted. A value is one of the attribute's value names, 0 or 1 if it has none, or an index
/// if none of these is a number. Throws ConfigError, with the position in the text, for a syntax error or an
/// unknown attribute or value; also if no image matches.
MatchingImages images_where(const AttributeTable& table, const std::string& condition);

/// Example of a condition that `name` alone may mean, with an attribute or a class of this or a similar name:
/// "hat=1", "label=cat"; empty if there is none.
std::string suggest_condition(const AttributeTable& table, const std::string& name);

}  // namespace patronus
