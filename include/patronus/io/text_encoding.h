#pragma once
#include <filesystem>
#include <string>

namespace patronus {

/// Reads a file as UTF-8 text without byte order mark, from UTF-8, or UTF-16 with such a mark. Throws
/// DataError if it cannot be read, and for damaged text or UTF-16 without a mark.
std::string read_text(const std::filesystem::path& path);

/// Removes a UTF-8 byte order mark, which spreadsheets write.
void remove_byte_order_mark(std::string& text);

}  // namespace patronus
