#include "io/pickle_bytes.h"

#include <bit>

#include "patronus/core/error.h"

namespace patronus {
namespace {

[[noreturn]] void fail_early_end() {
  throw DataError("damaged pickle: it ends early");
}

}  // namespace

std::string_view PickleBytes::take(size_t count) {
  if (count > rest_.size()) fail_early_end();
  const auto taken = rest_.substr(0, count);
  rest_.remove_prefix(count);
  return taken;
}

std::string PickleBytes::line() {
  const size_t end = rest_.find('\n');
  if (end == std::string_view::npos) fail_early_end();
  std::string text(take(end));
  take(1);
  return text;
}

uint64_t PickleBytes::little_endian(size_t bytes) {
  uint64_t value = 0;
  const auto taken = take(bytes);
  for (size_t i = bytes; i-- > 0;) value = value << 8 | static_cast<unsigned char>(taken[i]);
  return value;
}

int64_t PickleBytes::long_integer() {
  const size_t bytes = byte();
  if (bytes > 8) throw DataError("integer of more than 64 bits");
  if (bytes == 0) return 0;
  const auto unused_bits = 64 - 8 * bytes;
  return static_cast<int64_t>(little_endian(bytes) << unused_bits) >> unused_bits;  // extends the sign
}

double PickleBytes::big_endian_double() {
  uint64_t bits = 0;
  for (const char c : take(8)) bits = bits << 8 | static_cast<unsigned char>(c);
  return std::bit_cast<double>(bits);
}

}  // namespace patronus
