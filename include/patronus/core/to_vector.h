#pragma once
#include <ATen/core/Tensor.h>

#include <vector>

namespace patronus {

/// All elements of a tensor of any shape, dtype and device in row-major order, converted to T.
template <class T = double>
std::vector<T> to_vector(const at::Tensor& values) {
  const auto all = values.to(at::kCPU, c10::CppTypeToScalarType<T>::value).contiguous();
  return {all.template const_data_ptr<T>(), all.template const_data_ptr<T>() + all.numel()};
}

}  // namespace patronus
