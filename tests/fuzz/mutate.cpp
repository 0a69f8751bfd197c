#include "fuzz/mutate.h"

#include <algorithm>
#include <random>

namespace patronus::test {
namespace {

/// Numbers below a bound, the same on every machine (the standard's distributions are not).
class Draw {
 public:
  explicit Draw(uint64_t seed) : engine_(seed) {}
  size_t below(size_t bound) { return bound == 0 ? 0 : static_cast<size_t>(engine_() % bound); }
  uint64_t bits() { return engine_(); }

 private:
  std::mt19937_64 engine_;
};

using Mutation = void (*)(std::string& bytes, const std::string& other, Draw& draw);

constexpr size_t kLongest = size_t{1} << 20;

void flip_bit(std::string& bytes, const std::string&, Draw& draw) {
  bytes[draw.below(bytes.size())] ^= static_cast<char>(1 << draw.below(8));
}

void replace_byte(std::string& bytes, const std::string&, Draw& draw) {
  constexpr std::string_view kTelling("\0\1\x7f\x80\xff\n,:\"-.[{(", 14);
  const bool any = draw.below(2) == 0;
  bytes[draw.below(bytes.size())] =
      any ? static_cast<char>(draw.bits()) : kTelling[draw.below(kTelling.size())];
}

/// A length, offset or size of 1, 2, 4 or 8 bytes in either order.
void replace_integer(std::string& bytes, const std::string&, Draw& draw) {
  constexpr uint64_t kEdges[]{0,          1,          2,          255,        256,
                              32767,      32768,      65535,      65536,      1u << 24,
                              1u << 28,   1u << 30,   0x7fffffff, 0x80000000, 0xffffffff,
                              0xfffffffe, 1ull << 32, 1ull << 62, ~0ull >> 1, ~0ull};
  const uint64_t value = kEdges[draw.below(std::size(kEdges))];
  const size_t size = size_t{1} << draw.below(4), place = draw.below(bytes.size());
  const bool little = draw.below(2) == 0;
  for (size_t i = 0; i < size && place + i < bytes.size(); ++i) {
    bytes[place + i] = static_cast<char>(value >> 8 * (little ? i : size - 1 - i));
  }
}

/// A number that is written in digits, if one follows the place.
void replace_digits(std::string& bytes, const std::string&, Draw& draw) {
  constexpr const char* kNumbers[]{"0",
                                   "-1",
                                   "1e9",
                                   "4294967296",
                                   "99999999999999999999",
                                   "1e400",
                                   "nan",
                                   "inf",
                                   "-0.0",
                                   "2147483648",
                                   "9223372036854775807",
                                   "",
                                   "3",
                                   "100",
                                   "65536",
                                   "0x7f",
                                   "1.5",
                                   "00000001"};
  constexpr std::string_view kDigits = "0123456789";
  const size_t first = bytes.find_first_of(kDigits, draw.below(bytes.size()));
  if (first == std::string::npos) return;
  const size_t end = std::min(bytes.find_first_not_of(kDigits, first), bytes.size());
  bytes.replace(first, end - first, kNumbers[draw.below(std::size(kNumbers))]);
}

void cut_short(std::string& bytes, const std::string&, Draw& draw) {
  bytes.resize(draw.below(bytes.size()));
}

void leave_out(std::string& bytes, const std::string&, Draw& draw) {
  bytes.erase(draw.below(bytes.size()), 1 + draw.below(64));
}

void repeat(std::string& bytes, const std::string&, Draw& draw) {
  const size_t place = draw.below(bytes.size());
  const std::string part = bytes.substr(place, 1 + draw.below(draw.below(2) ? 8 : 512));
  const size_t times = 1 + draw.below(draw.below(4) ? 4 : 5000);
  for (size_t i = 0; i < times && bytes.size() < kLongest; ++i) bytes.insert(place, part);
}

void splice(std::string& bytes, const std::string& other, Draw& draw) {
  const std::string part = other.substr(draw.below(other.size()), 1 + draw.below(other.size()));
  bytes.replace(draw.below(bytes.size()), draw.below(2) ? part.size() : std::string::npos, part);
}

constexpr Mutation kMutations[]{flip_bit,  replace_byte, replace_integer, replace_integer, replace_digits,
                                cut_short, leave_out,    repeat,          splice};

}  // namespace

std::string mutated(const std::vector<std::string>& seeds, uint64_t number) {
  constexpr size_t kMaxMutations = 4;
  Draw draw(number);
  std::string bytes = seeds[draw.below(seeds.size())];
  const size_t count = 1 + draw.below(kMaxMutations);
  for (size_t i = 0; i < count && !bytes.empty(); ++i) {
    kMutations[draw.below(std::size(kMutations))](bytes, seeds[draw.below(seeds.size())], draw);
  }
  return bytes;
}

}  // namespace patronus::test
