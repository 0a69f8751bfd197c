#pragma once
#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>

#include "patronus/interop/tensor_file.h"

namespace patronus {

/// What a kept result must have in common with the one that is asked for.
struct KeptKey {
  int64_t version;       // of what is kept and how it is made; other versions are not read
  std::string protocol;  // the settings
};

/// Keeps a result that took long for later calls.
void write_kept(const std::filesystem::path& path, const KeptKey& key, Dict result);
/// The result that was kept under the same key, if there is one. DataError for a damaged file.
std::optional<Dict> read_kept(const std::filesystem::path& path, const KeptKey& key);

}  // namespace patronus
