#include "interop/npy.h"

#include <ATen/Functions.h>
#include <c10/core/ScalarType.h>

#include <algorithm>

#include "patronus/core/error.h"
#include "patronus/interop/python_literal.h"
#include "patronus/io/byte_reader.h"

namespace patronus {
namespace {

constexpr std::string_view kNpyMagic = "\x93NUMPY";
constexpr size_t kNpyAlignment = 64;
constexpr uint64_t kMaxHeaderBytes = 10'000;  // numpy's own limit: parsing takes many times the size

/// Removes the header from `bytes` and returns its text.
std::string take_header(ByteReader& bytes) {
  if (bytes.rest().substr(0, kNpyMagic.size()) != kNpyMagic) throw DataError("not numpy's .npy format");
  bytes.take(kNpyMagic.size());
  const int version = bytes.byte();
  bytes.byte();  // minor version
  if (version != 1 && version != 2) {
    throw DataError("version " + std::to_string(version) + " of numpy's .npy format; expected 1 or 2");
  }
  const uint64_t length = bytes.little_endian(version == 1 ? 2 : 4);
  if (length > kMaxHeaderBytes)
    throw DataError("a header of " + std::to_string(length) + " bytes; expected at most 10000");
  return std::string(bytes.take(length));
}

at::ScalarType element_type(const std::string& description) {
  if (description == "<f8") return at::kDouble;
  if (description == "<f4") return at::kFloat;
  throw DataError("elements of type '" + description + "'; expected '<f8' or '<f4'");
}

std::vector<int64_t> shape_of(const List& sizes, int64_t elements) {
  std::vector<int64_t> shape;
  int64_t product = 1;
  for (const auto& size : sizes) {
    shape.push_back(size.integer());
    if (shape.back() < 0 || __builtin_mul_overflow(product, shape.back(), &product)) product = -1;
  }
  if (product != elements) throw DataError("damaged: its shape and its size do not agree");
  return shape;
}

}  // namespace

at::Tensor decode_npy(std::string_view bytes) {
  ByteReader reader(bytes, "damaged: it ends early");
  const Value parsed = parse_python_literal(take_header(reader), "header");
  const Dict& header = parsed.dict();
  const auto type = element_type(header.at("descr").text());
  if (header.at("fortran_order").integer() != 0) throw DataError("in Fortran order; expected C order");
  const auto element_size = c10::elementSize(type);
  const auto data = reader.rest();
  if (data.size() % element_size != 0) throw DataError("damaged: its shape and its size do not agree");
  auto array =
      at::empty(shape_of(header.at("shape").list(), static_cast<int64_t>(data.size() / element_size)), type);
  std::copy(data.begin(), data.end(), static_cast<char*>(array.data_ptr()));
  return array;
}

std::string encode_npy(const at::Tensor& array) {
  TORCH_CHECK(array.scalar_type() == at::kDouble && array.is_cpu(), "encode_npy of ", array.toString());
  const auto plain = array.contiguous();
  std::string header = "{'descr': '<f8', 'fortran_order': False, 'shape': (";
  for (const int64_t size : plain.sizes()) header += std::to_string(size) + ",";
  header += ")}";
  const size_t prefix = kNpyMagic.size() + 4;  // version and length
  header.append(kNpyAlignment - (prefix + header.size() + 1) % kNpyAlignment, ' ');
  header += '\n';
  std::string bytes(kNpyMagic);
  bytes += {'\1', '\0', static_cast<char>(header.size() & 255), static_cast<char>(header.size() >> 8)};
  bytes += header;
  bytes.append(static_cast<const char*>(plain.const_data_ptr()), plain.nbytes());
  return bytes;
}

}  // namespace patronus
