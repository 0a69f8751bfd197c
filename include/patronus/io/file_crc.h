#pragma once
#include <filesystem>
#include <string>

namespace patronus {

/// CRC-32 of a file's bytes, eight hexadecimal digits, to recognise the file by. DataError when it cannot be
/// read.
std::string file_crc32(const std::filesystem::path& path);

}  // namespace patronus
