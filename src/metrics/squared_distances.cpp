#include "metrics/squared_distances.h"

#include <ATen/Functions.h>
#include <ATen/TensorOperators.h>

namespace patronus {

at::Tensor squared_distances(const at::Tensor& a, const at::Tensor& b) {
  const auto lengths =
      at::linalg_vector_norm(a, 2, 1, /*keepdim=*/true).square() + at::linalg_vector_norm(b, 2, 1).square();
  auto distances = at::addmm(lengths, a, b.t(), 1, -2);
  return distances.masked_fill_(distances < 1e-12 * lengths, 0);
}

}  // namespace patronus
