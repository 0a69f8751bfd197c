#pragma once
#include <filesystem>
#include <string>

#include "patronus/interop/tensor_file.h"

namespace patronus {

/// Reads a Python pickle (protocols 2 to 5) of plain data: dictionaries, lists, numbers, text, and numpy
/// arrays as tensor_file.h accepts them, which become tensors; Python's bytes and a torch.device become text.
/// Anything else is rejected by name, and no code is run. Throws DataError naming the file if it is damaged
/// or not a dictionary.
Dict read_pickle_file(const std::filesystem::path& path);

/// Writes plain data without tensors as a pickle (protocol 2) for Python's `pickle.load`: lists become
/// tuples, and text under the key `device_key`, at any depth, a torch.device. Atomic, as `write_tensor_file`.
void write_pickle_file(const std::filesystem::path& path, const Dict& content, const std::string& device_key);

}  // namespace patronus
