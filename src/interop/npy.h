#pragma once
#include <ATen/core/Tensor.h>

#include <string>
#include <string_view>

namespace patronus {

/// The array in the bytes of numpy's .npy format, version 1 or 2: '<f8' or '<f4', C order. DataError, without
/// the path, for anything else.
at::Tensor decode_npy(std::string_view bytes);

/// A float64 tensor on the CPU in version 1 of the format.
std::string encode_npy(const at::Tensor& array);

}  // namespace patronus
