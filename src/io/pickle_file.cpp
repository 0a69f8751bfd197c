#include "patronus/io/pickle_file.h"

#include "io/unpickler.h"
#include "patronus/core/error.h"
#include "patronus/io/atomic_file.h"

namespace patronus {

Dict read_pickle_file(const std::filesystem::path& path) {
  const std::string bytes = read_file(path);
  return naming(path.string(), [&] {
    std::string_view rest = bytes;
    const Value value = unpickle(rest, [](const StorageId&) -> at::Tensor {
      throw DataError("holds tensors; expected plain data and arrays of numpy");
    });
    return value.dict();
  });
}

}  // namespace patronus
