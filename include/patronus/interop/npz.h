#pragma once
#include <ATen/core/Tensor.h>

#include <filesystem>
#include <string>
#include <utility>
#include <vector>

namespace patronus {

/// The arrays `names` of a file of numpy's `savez` or `savez_compressed`, in this order; others are passed
/// over. float64 or float32 as in the file, any shape, C order; other arrays are refused. DataError naming
/// file and array.
std::vector<at::Tensor> read_npz(const std::filesystem::path& path, const std::vector<std::string>& names);

/// Writes floating tensors as float64 arrays that `numpy.load` reads, uncompressed. Atomic; the same arrays
/// give the same bytes.
void write_npz(const std::filesystem::path& path,
               const std::vector<std::pair<std::string, at::Tensor>>& arrays);

}  // namespace patronus
