#pragma once
#include <filesystem>
#include <nlohmann/json_fwd.hpp>
#include <string>

namespace patronus {

/// JSON whose objects keep their key order.
using Json = nlohmann::ordered_json;

/// Formats JSON for files: indented by two, with a final newline. Bytes that are not UTF-8 (in a file name,
/// for example) become U+FFFD, so that the rest is preserved.
std::string json_text(const Json& json);

/// The first characters of json_text for an object whose first key is "format", by which a file of that
/// format is recognised.
std::string json_prefix(const std::string& format);

/// Formats JSON on one line; bytes that are not UTF-8 become U+FFFD as well.
std::string json_line(const Json& json);

/// Whether both give the same text in files, in which a path that is not UTF-8 differs from the original.
bool equal_json_text(const Json& a, const Json& b);

/// Parses a file as JSON; the result is "discarded" if it is not JSON. Throws errors as read_file.
Json read_json(const std::filesystem::path& path);

}  // namespace patronus
