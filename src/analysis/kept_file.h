#pragma once
#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>

#include "patronus/interop/tensor_file.h"

namespace patronus {

/// What a kept measurement must have in common with the one that is asked for.
struct KeptKey {
  int64_t version;       // of what is measured and how; other versions are not read
  std::string protocol;  // the settings
};

/// Keeps a measurement for later calls.
void write_kept(const std::filesystem::path& path, const KeptKey& key, Dict measurement);
/// The measurement that was kept under the same key, if there is one.
std::optional<Dict> read_kept(const std::filesystem::path& path, const KeptKey& key);

}  // namespace patronus
