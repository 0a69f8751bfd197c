#pragma once
#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>

#include "patronus/interop/tensor_file.h"

namespace patronus {

/// Identity of a saved result; only one with the same key is reused.
struct KeptKey {
  int64_t version;       // version of the content and of the method; others are not read
  std::string protocol;  // the settings
};

/// Saves an expensive result for later calls.
void write_kept(const std::filesystem::path& path, const KeptKey& key, Dict result);
/// Reads the result saved under the same key, if any. Throws DataError for a damaged file.
std::optional<Dict> read_kept(const std::filesystem::path& path, const KeptKey& key);

}  // namespace patronus
