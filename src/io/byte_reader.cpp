#include "patronus/io/byte_reader.h"

#include <algorithm>

#include "patronus/core/error.h"

namespace patronus {

uint64_t load_unsigned(std::endian order, std::string_view bytes, size_t offset, size_t count) {
  uint64_t value = 0;
  for (size_t i = 0; i < count; ++i) {
    const size_t place = order == std::endian::big ? i : count - 1 - i;
    value = value << 8 | static_cast<unsigned char>(bytes.at(offset + place));
  }
  return value;
}

std::string_view ByteReader::take(size_t count) {
  if (count > rest_.size()) throw DataError(early_end_);
  const auto taken = rest_.substr(0, count);
  rest_.remove_prefix(count);
  return taken;
}

std::string ByteReader::line() {
  std::string text(take(std::min(rest_.find('\n'), rest_.size())));
  take(1);
  return text;
}

uint64_t ByteReader::little_endian(size_t count) {
  return load_unsigned(std::endian::little, take(count), 0, count);
}

}  // namespace patronus
