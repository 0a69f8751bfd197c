#include "interop/pickled_arrays.h"

#include <ATen/Functions.h>
#include <c10/core/ScalarType.h>

#include <map>

#include "interop/npy.h"
#include "patronus/core/error.h"

namespace patronus {
namespace {

/// Decodes bytes that Python 3 pickled in protocol 2: as text whose characters, all below 256, are the bytes.
std::string bytes_of_latin1(const std::string& utf8) {
  std::string bytes;
  for (size_t i = 0; i < utf8.size(); ++i) {
    const auto first = static_cast<unsigned char>(utf8[i]);
    if (first < 0x80) {
      bytes += utf8[i];
      continue;
    }
    const bool two = (first & 0xFC) == 0xC0 && i + 1 < utf8.size();
    if (!two) throw DataError("damaged pickle: bytes with characters above 255");
    bytes += static_cast<char>((first & 3) << 6 | (utf8[++i] & 0x3F));
  }
  return bytes;
}

PickledDtype dtype_named(const PickledSequence& arguments) {
  static const std::map<std::string, at::ScalarType> kTypes{
      {"u1", at::kByte}, {"i1", at::kChar},  {"i2", at::kShort},  {"i4", at::kInt}, {"i8", at::kLong},
      {"f2", at::kHalf}, {"f4", at::kFloat}, {"f8", at::kDouble}, {"b1", at::kBool}};
  const auto* name = arguments.items.empty() ? nullptr : plain_in<std::string>(*arguments.items[0]);
  const auto found = name ? kTypes.find(*name) : kTypes.end();
  if (found == kTypes.end())
    throw DataError("an array of numpy of " + (name ? "'" + *name + "'" : "unknown elements") +
                    "; expected f2, f4, f8, i1, i2, i4, i8, u1 or b1");
  return {found->second};
}

at::Tensor array_of(const PickledObject& size, const PickledObject& elements, const PickledObject& content,
                    bool fortran_order) {
  const auto* dtype = std::get_if<PickledDtype>(&elements.content);
  const auto* bytes = plain_in<std::string>(content);
  if (!dtype || !bytes) throw DataError("an array of numpy with unknown content; expected numbers");
  return numpy_array(integers_in(size, "array size"), dtype->type, *bytes, fortran_order);
}

/// Array from the arguments (bytes, dtype, shape, order), as protocol 5 pickles it.
at::Tensor array_in_buffer(const PickledSequence& arguments) {
  const auto& items = arguments.items;
  const auto* order = items.size() == 4 ? plain_in<std::string>(*items[3]) : nullptr;
  if (!order || (*order != "C" && *order != "F"))
    throw DataError(
        "an array of numpy in unknown order; expected C or F; save numpy.ascontiguousarray of it");
  return array_of(*items[2], *items[1], *items[0], *order == "F");
}

}  // namespace

bool is_array_function(const std::string& name) {
  return name == "numpy.core.multiarray._reconstruct" || name == "numpy._core.multiarray._reconstruct" ||
         name == "numpy.core.numeric._frombuffer" || name == "numpy._core.numeric._frombuffer" ||
         name == "numpy.ndarray" || name == "numpy.dtype" || name == "_codecs.encode" ||
         name == "__builtin__.bytes";
}

PickledObject call_array_function(const std::string& name, const PickledSequence& arguments) {
  if (name.ends_with("_reconstruct")) return {PickledArray{}};
  if (name.ends_with("_frombuffer")) return {Value(array_in_buffer(arguments))};
  if (name == "numpy.dtype") return {dtype_named(arguments)};
  if (name == "__builtin__.bytes" && arguments.items.empty()) return {Value(std::string())};
  const auto* text = arguments.items.empty() ? nullptr : plain_in<std::string>(*arguments.items[0]);
  if (name != "_codecs.encode" || !text) throw DataError("call of " + name + " with unknown arguments");
  return {Value(bytes_of_latin1(*text))};
}

void require_own_byte_order(const PickledObject& state) {
  const auto* parts = std::get_if<PickledSequence>(&state.content);
  const auto* order = parts && parts->items.size() > 1 ? plain_in<std::string>(*parts->items[1]) : nullptr;
  if (order && *order == ">")
    throw DataError("an array of numpy in big-endian order; expected little-endian");
}

at::Tensor array_content(const PickledObject& state) {
  const auto* parts = std::get_if<PickledSequence>(&state.content);
  if (!parts || parts->items.size() != 5) throw DataError("an array of numpy with unknown content");
  const auto* fortran = std::get_if<Value>(&parts->items[3]->content);
  if (!fortran) throw DataError("an array of numpy with unknown content");
  return array_of(*parts->items[1], *parts->items[2], *parts->items[4], fortran->integer() != 0);
}

}  // namespace patronus
