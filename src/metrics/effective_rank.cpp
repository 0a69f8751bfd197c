#include "patronus/metrics/effective_rank.h"

#include <ATen/Functions.h>
#include <ATen/TensorOperators.h>

#include <cmath>

namespace patronus {

double effective_rank(const at::Tensor& matrix) {
  const auto singular_values = at::linalg_svdvals(matrix.to(at::kCPU, at::kDouble));
  const double sum = singular_values.sum().item<double>();
  if (sum == 0) return 0;
  const auto share = singular_values / sum;
  return std::exp(-at::xlogy(share, share).sum().item<double>());
}

}  // namespace patronus
