#pragma once
#include <algorithm>
#include <concepts>
#include <string>
#include <type_traits>
#include <vector>

#include "patronus/core/error.h"

namespace patronus {

/// An enumeration whose values 0, 1, 2 ... have names, which a function `enum_names` beside it lists in
/// order.
template <class E>
concept NamedEnum = std::is_enum_v<E> && requires(E value) {
  { enum_names(value) } -> std::same_as<std::vector<std::string>>;
};

/// The name of a value.
template <NamedEnum E>
std::string to_string(E value) {
  return enum_names(value).at(static_cast<size_t>(value));
}

/// The value of this name. ConfigError "<what> '<name>': expected a, b or c" where there is none.
template <NamedEnum E>
E enum_from(const std::string& name, const std::string& what) {
  const std::vector<std::string> names = enum_names(E{});
  const auto found = std::find(names.begin(), names.end(), name);
  if (found == names.end()) throw ConfigError(what + " '" + name + "': expected " + join_or(names));
  return static_cast<E>(found - names.begin());
}

}  // namespace patronus
