#pragma once
#include <cstddef>

namespace patronus {

/// Sets the largest buffer, in bytes, that stb_image may grow on this thread, as it does for unpacked data;
/// beyond that, it fails with "outofmem".
void limit_stb(std::size_t bytes);

}  // namespace patronus
