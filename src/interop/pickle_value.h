#pragma once
#include <ATen/core/Tensor.h>

#include <string>
#include <vector>

#include "patronus/interop/tensor_file.h"

namespace patronus {

/// How values become Python's objects.
struct PickleStyle {
  bool tuples = false;          // for lists
  std::string device_key = {};  // the key of texts that become a torch.device
};

/// A pickle (protocol 2), and the storages of the tensors in it, which it calls "0", "1", ...
struct PickledValue {
  std::string pickle;
  std::vector<at::Tensor> storages;
};

/// Pickles plain data and tensors. Bytes of texts in lists, which files' names are, that are no UTF-8 become
/// U+FFFD, since Python refuses them.
PickledValue pickle_value(const Dict& content, const PickleStyle& style = {});

}  // namespace patronus
