#pragma once
#include <ATen/core/Tensor.h>

#include <string>
#include <vector>

#include "patronus/interop/tensor_file.h"

namespace patronus {

/// How values map to Python objects.
struct PickleStyle {
  bool tuples = false;          // whether lists become tuples
  std::string device_key = {};  // key of the texts that become a torch.device
};

/// A pickle (protocol 2) and the storages of its tensors, with keys "0", "1", ...
struct PickledValue {
  std::string pickle;
  std::vector<at::Tensor> storages;
};

/// Pickles plain data and tensors. In texts in lists, such as file names, bytes that are not UTF-8 become
/// U+FFFD, since Python rejects them.
PickledValue pickle_value(const Dict& content, const PickleStyle& style = {});

}  // namespace patronus
