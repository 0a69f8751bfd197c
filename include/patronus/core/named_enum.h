#pragma once
#include <concepts>
#include <string>
#include <type_traits>
#include <vector>

#include "patronus/core/error.h"

namespace patronus {

/// An enumeration with values 0, 1, 2 ... whose names are listed in order by a function `enum_names` beside
/// it.
template <class E>
concept NamedEnum = std::is_enum_v<E> && requires(E value) {
  { enum_names(value) } -> std::same_as<std::vector<std::string>>;
};

/// The name of a value.
template <NamedEnum E>
std::string to_string(E value) {
  return enum_names(value).at(static_cast<size_t>(value));
}

/// The value with this name. Throws ConfigError "<what> '<name>': expected a, b or c", with the nearest name,
/// if there is none.
template <NamedEnum E>
E parse_enum(const std::string& name, const std::string& what) {
  const std::vector<std::string> names = enum_names(E{});
  return static_cast<E>(index_of(name, names, what + " '" + name + "':"));
}

}  // namespace patronus
