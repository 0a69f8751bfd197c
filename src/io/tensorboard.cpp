#include "patronus/io/tensorboard.h"

#include <unistd.h>

#include <array>
#include <atomic>
#include <bit>
#include <cerrno>
#include <chrono>
#include <cstring>
#include <string_view>
#include <system_error>

#include "patronus/core/error.h"
#include "patronus/core/process.h"
#include "patronus/io/atomic_file.h"
#include "patronus/io/image.h"

// An event file is a sequence of records: a length and an Event (a Protocol Buffers message), each followed
// by a checksum. Only the few messages needed are encoded here; the comments name their fields in
// tensorboard/compat/proto/{event,summary,tensor}.proto.
namespace patronus {
namespace {

static_assert(std::endian::native == std::endian::little, "event files are little-endian");

template <class Number>
std::string raw_bytes(Number value) {
  std::string bytes(sizeof value, '\0');
  std::memcpy(bytes.data(), &value, sizeof value);
  return bytes;
}

class Message {
 public:
  Message& integer(int field, int64_t value) {
    append_key(field, 0);
    append_varint(static_cast<uint64_t>(value));
    return *this;
  }
  Message& float64(int field, double value) {
    append_key(field, 1);
    bytes_ += raw_bytes(value);
    return *this;
  }
  Message& float32(int field, float value) {
    append_key(field, 5);
    bytes_ += raw_bytes(value);
    return *this;
  }
  /// A string or an embedded message.
  Message& bytes(int field, std::string_view value) {
    append_key(field, 2);
    append_varint(value.size());
    bytes_ += value;
    return *this;
  }
  const std::string& encoded() const { return bytes_; }

 private:
  void append_key(int field, int wire_type) { append_varint(static_cast<uint64_t>(field << 3 | wire_type)); }

  /// Base 128 varint: seven bits per byte, lowest first; the top bit marks continuation.
  void append_varint(uint64_t value) {
    for (; value > 127; value >>= 7) bytes_ += static_cast<char>(value | 128);
    bytes_ += static_cast<char>(value);
  }

  std::string bytes_;
};

std::array<uint32_t, 256> crc32c_table() {
  constexpr uint32_t kCastagnoli = 0x82F63B78;  // the polynomial, bit-reversed
  std::array<uint32_t, 256> table{};
  for (uint32_t i = 0; i < table.size(); ++i) {
    table[i] = i;
    for (int bit = 0; bit < 8; ++bit) table[i] = table[i] & 1 ? kCastagnoli ^ (table[i] >> 1) : table[i] >> 1;
  }
  return table;
}

/// CRC-32C, masked as the record format requires.
uint32_t masked_checksum(std::string_view data) {
  static const auto table = crc32c_table();
  uint32_t crc = ~0u;
  for (const unsigned char c : data) crc = table[(crc ^ c) & 255] ^ (crc >> 8);
  return std::rotr(~crc, 15) + 0xA282EAD8;
}

double now() {
  return std::chrono::duration<double>(std::chrono::system_clock::now().time_since_epoch()).count();
}

Message new_event() {
  return Message().float64(1, now());
}  // wall_time

/// events.out.tfevents.<time>.<host>.<process>.<number>: later files sort after earlier ones.
std::string event_file_name() {
  static std::atomic<int> number = 0;
  return "events.out.tfevents." + std::to_string(static_cast<int64_t>(now())) + "." + host_name() + "." +
         std::to_string(getpid()) + "." + std::to_string(number++);
}

}  // namespace

TensorBoardWriter::TensorBoardWriter(const std::filesystem::path& folder, int64_t first_step)
    : path_(folder / event_file_name()) {
  file_.open(path_, std::ios::binary);
  write_record(new_event().bytes(3, "brain.Event:2").encoded());  // file_version
  const auto start = Message().integer(1, 1);                     // SessionLog.status = START
  if (first_step > 0) write_record(new_event().integer(2, first_step).bytes(7, start.encoded()).encoded());
}

void TensorBoardWriter::write_record(const std::string& event) {
  const std::string length = raw_bytes(static_cast<uint64_t>(event.size()));
  file_ << length << raw_bytes(masked_checksum(length)) << event << raw_bytes(masked_checksum(event));
  check_written();
}

void TensorBoardWriter::check_written() {
  if (!file_) throw Error(path_.string() + ": cannot be written: " + std::generic_category().message(errno));
}

void TensorBoardWriter::flush() {
  file_.flush();
  check_written();
}

void TensorBoardWriter::make_durable() {
  flush();
  patronus::make_durable(path_);
}

void TensorBoardWriter::write_value(const std::string& value, int64_t step) {
  const auto summary = Message().bytes(1, value);                                    // Summary.value
  write_record(new_event().integer(2, step).bytes(5, summary.encoded()).encoded());  // step, summary
}

void TensorBoardWriter::scalar(const std::string& tag, double value, int64_t step) {
  write_value(Message().bytes(1, tag).float32(2, static_cast<float>(value)).encoded(),
              step);  // tag, simple_value
}

void TensorBoardWriter::image(const std::string& tag, const at::Tensor& pixels, int64_t step) {
  const auto image = Message()
                         .integer(1, pixels.size(1))  // height
                         .integer(2, pixels.size(2))  // width
                         .integer(3, pixels.size(0))  // colorspace: number of channels
                         .bytes(4, encode_png(pixels));
  write_value(Message().bytes(1, tag).bytes(4, image.encoded()).encoded(), step);
}

void TensorBoardWriter::text(const std::string& tag, const std::string& value, int64_t step) {
  constexpr int64_t kString = 7;
  const auto dimension = Message().integer(1, 1);
  const auto shape = Message().bytes(2, dimension.encoded());
  const auto tensor = Message().integer(1, kString).bytes(2, shape.encoded()).bytes(8, value);
  const auto plugin = Message().bytes(1, "text");  // PluginData.plugin_name
  const auto metadata = Message().bytes(1, plugin.encoded());
  write_value(Message().bytes(1, tag).bytes(8, tensor.encoded()).bytes(9, metadata.encoded()).encoded(),
              step);
}

}  // namespace patronus
