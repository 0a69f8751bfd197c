#pragma once
#include <cstdint>
#include <string>
#include <string_view>

namespace patronus {

/// Reads the operands of a pickle's operations one after the other. DataError at the end of the bytes.
class PickleBytes {
 public:
  explicit PickleBytes(std::string_view bytes) : rest_(bytes) {}

  std::string_view take(size_t count);
  unsigned char byte() { return static_cast<unsigned char>(take(1)[0]); }
  /// Up to the next line feed, which is skipped.
  std::string line();
  /// An unsigned integer of at most 8 bytes.
  uint64_t little_endian(size_t bytes);
  /// A length byte and two's complement of that length; DataError for more than 64 bits.
  int64_t long_integer();
  double big_endian_double();
  /// What was not read yet.
  std::string_view rest() const { return rest_; }

 private:
  std::string_view rest_;
};

}  // namespace patronus
