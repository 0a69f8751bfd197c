#pragma once
#include <filesystem>
#include <nlohmann/json_fwd.hpp>
#include <string>

namespace patronus {

/// JSON whose objects keep the order of their keys.
using Json = nlohmann::ordered_json;

/// JSON as files hold it: indented by two, with a line's end. Bytes that are no UTF-8, of a file's name
/// perhaps, become U+FFFD, so that nothing else is lost for them.
std::string json_text(const Json& json);

/// JSON on one line; such bytes of it become U+FFFD, too.
std::string json_line(const Json& json);

/// Whether files hold both alike: what is read back of a path that is no UTF-8 is not what was written.
bool is_written_alike(const Json& a, const Json& b);

/// What a file holds: discarded where that is no JSON. Errors as read_file's.
Json read_json(const std::filesystem::path& path);

}  // namespace patronus
