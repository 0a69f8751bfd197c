#include "patronus/core/unknown.h"

#include <ATen/Functions.h>
#include <ATen/TensorOperators.h>

namespace patronus {

at::Tensor known_rows(const at::Tensor& values) {
  return (values != kUnknown).nonzero().squeeze(1);
}

}  // namespace patronus
