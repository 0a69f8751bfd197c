#include <ATen/Functions.h>

#include <cctype>
#include <cstring>

#include "io/decode_image.h"
#include "patronus/core/error.h"
#include "patronus/io/byte_reader.h"

namespace patronus {
namespace {

[[noreturn]] void fail_pnm(const char* what) {
  throw DataError(std::string("damaged PPM: ") + what);
}

/// Header of a PNM file: P5 or P6, three numbers separated by blanks and comments, one blank.
class PnmHeader {
 public:
  explicit PnmHeader(std::string_view bytes) : rest_(bytes.substr(2)) {
    width = next();
    height = next();
    maximum = next();
    if (rest_.empty() || !is_blank(rest_[0]) || maximum < 1 || maximum > 65535) fail_pnm("its header");
    rest_.remove_prefix(1);
  }

  int64_t width;
  int64_t height;
  int64_t maximum;
  std::string_view pixels() const { return rest_; }

 private:
  static bool is_blank(char c) { return std::isspace(static_cast<unsigned char>(c)) != 0; }

  int64_t next() {
    skip_blanks_and_comments();
    int64_t number = 0;
    size_t digits = 0;
    while (digits < rest_.size() && digits < 9 && rest_[digits] >= '0' && rest_[digits] <= '9') {
      number = 10 * number + (rest_[digits++] - '0');
    }
    if (digits == 0) fail_pnm("its header");
    rest_.remove_prefix(digits);
    return number;
  }

  void skip_blanks_and_comments() {
    while (!rest_.empty() && (is_blank(rest_[0]) || rest_[0] == '#')) {
      rest_.remove_prefix(rest_[0] == '#' ? std::min(rest_.find('\n'), rest_.size()) : 1);
    }
  }

  std::string_view rest_;
};

}  // namespace

DecodedImage decode_pnm(std::string_view bytes) {
  const PnmHeader header(bytes);
  check_extent(header.width, header.height);
  const int64_t channels = bytes[1] == '6' ? 3 : 1, value_bytes = header.maximum > 255 ? 2 : 1;
  const int64_t count = header.width * header.height * channels;
  const auto stored = header.pixels();
  if (std::ssize(stored) < count * value_bytes) fail_pnm("the file is truncated");
  const auto values = at::empty({header.height, header.width, channels}, at::kByte);
  auto* value = values.mutable_data_ptr<uint8_t>();
  for (int64_t i = 0; i < count; ++i) {
    const auto number = static_cast<int64_t>(load_unsigned(
        std::endian::big, stored, static_cast<size_t>(i * value_bytes), static_cast<size_t>(value_bytes)));
    value[i] = static_cast<uint8_t>((2 * 255 * std::min(number, header.maximum) + header.maximum) /
                                    (2 * header.maximum));
  }
  return {channels == 3 ? values : values.expand({-1, -1, 3}).contiguous()};
}

}  // namespace patronus
