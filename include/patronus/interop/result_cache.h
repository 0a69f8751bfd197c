#pragma once
#include <cstdint>
#include <filesystem>
#include <functional>
#include <optional>
#include <string>

#include "patronus/interop/tensor_file.h"

namespace patronus {

/// Identity of a saved result; only one with the same key is reused.
struct ResultCacheKey {
  int64_t version;       // version of the content and of the method; others are not read
  std::string protocol;  // the settings
};

/// Saves an expensive result for later calls.
void write_cached_result(const std::filesystem::path& path, const ResultCacheKey& key, Dict result);
/// Passes the result saved under the same key to `take`; returns whether there is one. A damaged file, or one
/// of which `take` throws DataError, counts as none, with a warning that names it.
bool read_cached_result(const std::filesystem::path& path, const ResultCacheKey& key,
                        const std::function<void(const Dict& result)>& take);

}  // namespace patronus
