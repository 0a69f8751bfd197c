#pragma once
#include <ATen/core/Tensor.h>

#include <functional>
#include <string_view>

#include "interop/pickled_objects.h"
#include "patronus/interop/tensor_file.h"

namespace patronus {

/// The bytes of one of a file's storages as a uint8 tensor of its own, exactly `size` long, or a DataError.
using StorageReader = std::function<at::Tensor(const StorageId& storage)>;

/// Decodes the pickle at the front of `bytes` (protocols 2 to 5) and leaves what follows it. Nothing is ever
/// called by name: a handful of constructors are known (OrderedDict, tensors, parameters, devices, numpy's
/// arrays), every other name is refused. DataError, without the path.
Value unpickle(std::string_view& bytes, const StorageReader& read_storage);

inline constexpr const char* kBigEndianFile =
    "written on a big-endian machine; save it again on a little-endian one";

}  // namespace patronus
