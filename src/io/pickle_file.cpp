#include "patronus/io/pickle_file.h"

#include <ATen/core/ivalue.h>
#include <torch/csrc/jit/serialization/pickler.h>

#include "io/unpickler.h"
#include "patronus/core/error.h"
#include "patronus/io/atomic_file.h"

namespace patronus {
namespace {

c10::IValue python_value(const Value& value, const std::string& device_key);

c10::IValue python_tuple(const List& list, const std::string& device_key) {
  std::vector<c10::IValue> items;
  for (const auto& item : list) items.push_back(python_value(item, device_key));
  return c10::ivalue::Tuple::create(std::move(items));
}

c10::IValue python_dict(const Dict& dict, const std::string& device_key) {
  c10::impl::GenericDict result(c10::StringType::get(), c10::AnyType::get());
  for (const auto& [key, value] : dict.entries()) {
    result.insert(
        key, key == device_key ? c10::IValue(c10::Device(value.text())) : python_value(value, device_key));
  }
  return result;
}

c10::IValue python_value(const Value& value, const std::string& device_key) {
  if (const auto* list = std::get_if<List>(&value)) return python_tuple(*list, device_key);
  if (const auto* dict = std::get_if<Dict>(&value)) return python_dict(*dict, device_key);
  if (const auto* truth = std::get_if<bool>(&value)) return *truth;
  if (const auto* integer = std::get_if<int64_t>(&value)) return *integer;
  if (const auto* number = std::get_if<double>(&value)) return *number;
  if (std::holds_alternative<std::monostate>(value)) return {};
  return value.text();
}

}  // namespace

Dict read_pickle_file(const std::filesystem::path& path) {
  const std::string bytes = read_file(path);
  return with_context(path.string(), [&] {
    std::string_view rest = bytes;
    const Value value = unpickle(rest, [](const StorageId&) -> at::Tensor {
      throw DataError("holds tensors; expected plain data and arrays of numpy");
    });
    return value.dict();
  });
}

void write_pickle_file(const std::filesystem::path& path, const Dict& content,
                       const std::string& device_key) {
  std::string bytes;
  torch::jit::Pickler pickler([&](const char* part, size_t count) { bytes.append(part, count); }, nullptr,
                              nullptr, nullptr, nullptr, /*tag_aggregates=*/false);
  pickler.protocol();
  pickler.pushIValue(python_dict(content, device_key));
  pickler.stop();
  write_file(path, bytes);
}

}  // namespace patronus
