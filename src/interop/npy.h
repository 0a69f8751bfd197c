#pragma once
#include <ATen/core/Tensor.h>
#include <c10/core/ScalarType.h>

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace patronus {

/// Array of this shape and element type from its little-endian bytes, as numpy stores it; in Fortran order
/// the first index varies fastest, else the last. Throws DataError, without the path, if shape and number of
/// bytes do not agree.
at::Tensor numpy_array(std::vector<int64_t> shape, at::ScalarType type, std::string_view bytes,
                       bool fortran_order);

/// Decodes numpy's .npy format, version 1 or 2, of '<f8' or '<f4'. Throws DataError, without the path, for
/// anything else.
at::Tensor decode_npy(std::string_view bytes);

/// Encodes a float64 CPU tensor in version 1 of the format.
std::string encode_npy(const at::Tensor& array);

}  // namespace patronus
