#pragma once
#include <ATen/core/Tensor.h>

#include <functional>
#include <string_view>

#include "interop/pickled_objects.h"
#include "patronus/interop/tensor_file.h"

namespace patronus {

/// Reads a storage of the file into a new uint8 tensor of exactly `size` bytes, or throws DataError.
using StorageReader = std::function<at::Tensor(const StorageId& storage)>;

/// Decodes the pickle at the front of `bytes` (protocols 2 to 5) and removes it. Never calls anything by
/// name: only a few constructors are supported (OrderedDict, tensors, parameters, devices, numpy arrays), all
/// other names are rejected. Throws DataError, without the path.
Value unpickle(std::string_view& bytes, const StorageReader& read_storage);

inline constexpr const char* kBigEndianFile =
    "written on a big-endian machine; save it again on a little-endian one";

}  // namespace patronus
