#include "patronus/io/file_crc.h"

#include <zlib.h>

#include <array>
#include <fstream>

#include "patronus/core/error.h"
#include "patronus/core/text.h"

namespace patronus {

std::string file_crc32(const std::filesystem::path& path) {
  std::ifstream file(path, std::ios::binary);
  if (!file) throw DataError(path.string() + ": cannot be read");
  std::array<char, 1 << 16> block;
  uLong crc = 0;
  while (file.read(block.data(), block.size()), file.gcount() > 0) {
    crc = crc32_z(crc, reinterpret_cast<const Bytef*>(block.data()), static_cast<size_t>(file.gcount()));
  }
  if (file.bad()) throw DataError(path.string() + ": cannot be read");
  return hexadecimal(crc, 8);
}

}  // namespace patronus
