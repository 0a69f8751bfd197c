#include "patronus/metrics/effective_dimension.h"

#include <ATen/Functions.h>
#include <ATen/TensorOperators.h>

#include <algorithm>
#include <array>
#include <cmath>

#include "patronus/core/unknown.h"

namespace patronus {

double effective_rank(const at::Tensor& matrix) {
  const auto singular_values = at::linalg_svdvals(matrix.to(at::kCPU, at::kDouble));
  const double sum = singular_values.sum().item<double>();
  if (sum == 0) return 0;
  const auto share = singular_values / sum;
  return std::exp(-at::xlogy(share, share).sum().item<double>());
}

double participation_ratio(const at::Tensor& estimates) {
  std::array<int64_t, 4> order{0, 1, 2, 3};
  double squared_sum = 0, fourth_powers = 0;  // sums, not means, over all orders: their number cancels
  do {
    const auto part = [&](size_t i) { return estimates[order[i]]; };
    squared_sum += ((part(0) * part(1)).sum() * (part(2) * part(3)).sum()).item<double>();
    fourth_powers += (part(0).mm(part(1).t()) * part(3).mm(part(2).t())).sum().item<double>();
  } while (std::next_permutation(order.begin(), order.end()));
  return fourth_powers > 0 ? squared_sum / fourth_powers : kNaN;
}

}  // namespace patronus
