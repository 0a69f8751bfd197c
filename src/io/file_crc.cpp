#include "patronus/io/file_crc.h"

#include <zlib.h>

#include <cstdio>

#include "patronus/io/atomic_file.h"

namespace patronus {

std::string file_crc32(const std::filesystem::path& path) {
  const std::string bytes = read_file(path);
  const auto crc = crc32_z(0, reinterpret_cast<const Bytef*>(bytes.data()), bytes.size());
  char text[16];
  std::snprintf(text, sizeof text, "%08lx", static_cast<unsigned long>(crc));
  return text;
}

}  // namespace patronus
