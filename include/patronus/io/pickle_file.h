#pragma once
#include <filesystem>

#include "patronus/io/tensor_file.h"

namespace patronus {

/// Reads a Python pickle (protocol 2) of plain data: dictionaries, lists, numbers, text, and numpy's arrays
/// of numbers, which become tensors; Python's bytes become text. Anything else in it is refused by name, and
/// no code is run. DataError naming the file when it is damaged or holds something else than a dictionary.
Dict read_pickle_file(const std::filesystem::path& path);

}  // namespace patronus
