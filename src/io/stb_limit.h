#pragma once
#include <cstddef>

namespace patronus {

/// The most bytes to which stb_image may enlarge its memory on this thread, as it does for unpacked data;
/// beyond them it fails with "outofmem".
void limit_stb(std::size_t bytes);

}  // namespace patronus
