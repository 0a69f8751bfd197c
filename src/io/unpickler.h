#pragma once
#include <ATen/core/Tensor.h>

#include <functional>
#include <string>
#include <string_view>

#include "patronus/io/tensor_file.h"

namespace patronus {

/// The bytes of a file's storage `key` as a uint8 tensor of its own, exactly `size` long, or a DataError.
using StorageReader = std::function<at::Tensor(const std::string& key, int64_t size)>;

/// Decodes the pickle of a `.pt` file (protocol 2 as torch.save emits it). Nothing is ever called by name: a
/// handful of constructors are known (OrderedDict, tensors, parameters), every other name is refused.
/// DataError, without the path.
Value unpickle(std::string_view pickle, const StorageReader& read_storage);

}  // namespace patronus
