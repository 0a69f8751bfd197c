#pragma once
#include <cstdint>
#include <string>
#include <vector>

namespace patronus::test {

/// A damaged copy of one of `seeds`, not empty: bits flipped, bytes and length fields replaced, cut short,
/// parts repeated, left out or taken from another seed. The same number gives the same copy everywhere.
std::string mutated(const std::vector<std::string>& seeds, uint64_t number);

}  // namespace patronus::test
