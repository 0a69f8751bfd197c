#pragma once
#include <filesystem>
#include <string>

namespace patronus {

/// The text of a file as UTF-8 without byte order mark, from UTF-8 or UTF-16 with such a mark. DataError when
/// it cannot be read, and for damaged text and UTF-16 without a mark.
std::string read_text(const std::filesystem::path& path);

/// Removes a byte order mark of UTF-8, which spreadsheets write.
void remove_byte_order_mark(std::string& text);

}  // namespace patronus
