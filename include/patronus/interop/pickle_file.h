#pragma once
#include <filesystem>
#include <string>

#include "patronus/interop/tensor_file.h"

namespace patronus {

/// Reads a Python pickle (protocols 2 to 5) of plain data: dictionaries, lists, numbers, text, and numpy's
/// arrays of numbers, which become tensors; Python's bytes and a torch.device become text. Anything else in
/// it is refused by name, and no code is run. DataError naming the file when it is damaged or holds something
/// else than a dictionary.
Dict read_pickle_file(const std::filesystem::path& path);

/// Writes plain data without tensors as a pickle (protocol 2) for Python's `pickle.load`: lists become
/// tuples, and text under the key `device_key`, wherever that stands, becomes a torch.device. Atomic, as
/// `write_tensor_file`.
void write_pickle_file(const std::filesystem::path& path, const Dict& content, const std::string& device_key);

}  // namespace patronus
