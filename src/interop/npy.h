#pragma once
#include <ATen/core/Tensor.h>

#include <string>
#include <string_view>

namespace patronus {

/// Decodes numpy's .npy format, version 1 or 2: '<f8' or '<f4', C order. Throws DataError, without the path,
/// for anything else.
at::Tensor decode_npy(std::string_view bytes);

/// Encodes a float64 CPU tensor in version 1 of the format.
std::string encode_npy(const at::Tensor& array);

}  // namespace patronus
