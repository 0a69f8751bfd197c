#pragma once
#include <ATen/core/Tensor.h>

#include <filesystem>
#include <string>
#include <utility>
#include <vector>

namespace patronus {

/// Reads the arrays `names`, in that order, from a file of numpy's `savez` or `savez_compressed`; ignores
/// others. float64 or float32 as in the file, any shape, C order; other arrays are rejected. Throws DataError
/// naming file and array.
std::vector<at::Tensor> read_npz(const std::filesystem::path& path, const std::vector<std::string>& names);

/// Writes floating-point tensors as uncompressed float64 arrays for `numpy.load`. Atomic; equal arrays give
/// equal bytes.
void write_npz(const std::filesystem::path& path,
               const std::vector<std::pair<std::string, at::Tensor>>& arrays);

}  // namespace patronus
