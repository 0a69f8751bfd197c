#pragma once
#include <filesystem>
#include <string>

namespace patronus {

/// SHA-256 of a file's bytes, 64 hexadecimal digits, as its identity. Throws DataError if it cannot be read.
std::string file_sha256(const std::filesystem::path& path);

/// Short identity of a file for messages, "sha256 6726825d": the first eight digits, as in file names of
/// PyTorch's hub. Throws DataError as file_sha256.
std::string file_identity(const std::filesystem::path& path);

/// Throws DataError if a file's name ends in digits of a hash, as "inception-6726825d.pth", that do not match
/// its bytes.
void check_hash_in_name(const std::filesystem::path& path);

}  // namespace patronus
