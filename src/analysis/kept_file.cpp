#include "analysis/kept_file.h"

namespace patronus {

void write_kept(const std::filesystem::path& path, const KeptKey& key, Dict measurement) {
  measurement.set("version", key.version);
  measurement.set("protocol", key.protocol);
  write_tensor_file(path, measurement);
}

std::optional<Dict> read_kept(const std::filesystem::path& path, const KeptKey& key) {
  if (!std::filesystem::exists(path)) return std::nullopt;
  Dict file = read_tensor_file(path);
  const Value* version = file.find("version");
  if (!version || version->integer() != key.version || file.at("protocol").text() != key.protocol) {
    return std::nullopt;
  }
  return file;
}

}  // namespace patronus
