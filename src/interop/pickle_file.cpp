#include "patronus/interop/pickle_file.h"

#include "interop/pickle_value.h"
#include "interop/unpickler.h"
#include "patronus/core/error.h"
#include "patronus/io/atomic_file.h"

namespace patronus {

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
  write_file(path, pickle_value(content, {.tuples = true, .device_key = device_key}).pickle);
}

}  // namespace patronus
