#pragma once
#include <bit>
#include <cstdint>
#include <string>
#include <string_view>

namespace patronus {

/// Loads an unsigned integer of `count` (at most 8) bytes at `offset`, all of which must be inside `bytes`.
uint64_t load_unsigned(std::endian order, std::string_view bytes, size_t offset, size_t count);

/// Reads bytes sequentially. Throws DataError with the text `early_end` at the end of the bytes.
class ByteReader {
 public:
  ByteReader(std::string_view bytes, const char* early_end) : rest_(bytes), early_end_(early_end) {}

  std::string_view take(size_t count);
  unsigned char byte() { return static_cast<unsigned char>(take(1)[0]); }
  /// Reads up to the next line feed, which is skipped.
  std::string line();
  /// Reads an unsigned integer of `count` (at most 8) bytes.
  uint64_t little_endian(size_t count);
  /// The bytes not read yet.
  std::string_view rest() const { return rest_; }

 private:
  std::string_view rest_;
  const char* early_end_;
};

}  // namespace patronus
