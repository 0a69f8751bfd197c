#pragma once
#include <filesystem>
#include <string>

namespace patronus {

/// SHA-256 of a file's bytes, 64 hexadecimal digits, to recognise the file by. DataError when it cannot be
/// read.
std::string file_sha256(const std::filesystem::path& path);

/// What texts call a file's bytes, as "sha256 6726825d": the first eight digits, which PyTorch's hub puts
/// into the names of weights. DataError as above.
std::string file_identity(const std::filesystem::path& path);

/// DataError where a file's name ends in digits of a hash, as "inception-6726825d.pth", and its bytes are
/// others.
void check_hash_in_name(const std::filesystem::path& path);

}  // namespace patronus
