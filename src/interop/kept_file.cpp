#include "patronus/interop/kept_file.h"

namespace patronus {

void write_kept(const std::filesystem::path& path, const KeptKey& key, Dict result) {
  result.set("version", key.version);
  result.set("protocol", key.protocol);
  write_tensor_file(path, result);
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
