#include "interop/npy.h"

#include <ATen/Functions.h>
#include <c10/core/ScalarType.h>

#include <algorithm>
#include <cstring>
#include <numeric>

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

}  // namespace

at::Tensor numpy_array(std::vector<int64_t> shape, at::ScalarType type, std::string_view bytes,
                       bool fortran_order) {
  auto size = static_cast<int64_t>(c10::elementSize(type));
  bool agrees = true;
  for (const int64_t length : shape) agrees &= length >= 0 && !__builtin_mul_overflow(size, length, &size);
  if (!agrees || size != std::ssize(bytes)) throw DataError("damaged: its shape and its size do not agree");
  if (fortran_order) std::reverse(shape.begin(), shape.end());
  const auto array = at::empty(shape, type);
  if (!bytes.empty()) std::memcpy(array.mutable_data_ptr(), bytes.data(), bytes.size());
  if (!fortran_order) return array;
  std::vector<int64_t> axes(shape.size());
  std::iota(axes.rbegin(), axes.rend(), 0);
  return array.permute(axes).contiguous();
}

at::Tensor decode_npy(std::string_view bytes) {
  ByteReader reader(bytes, "damaged: it ends early");
  const Value parsed = parse_python_literal(take_header(reader), "header");
  const Dict& header = parsed.dict();
  const auto type = element_type(header.at("descr").text());
  std::vector<int64_t> shape;
  for (const auto& length : header.at("shape").list()) shape.push_back(length.integer());
  return numpy_array(shape, type, reader.rest(), header.at("fortran_order").integer() != 0);
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
