#include "patronus/metrics/kernel_distance.h"

#include <ATen/Functions.h>
#include <ATen/TensorOperators.h>

#include <algorithm>
#include <vector>

#include "patronus/core/random.h"
#include "patronus/core/unknown.h"

namespace patronus {
namespace {

/// Polynomial kernel of degree 3 for all pairs of rows: [N, M].
at::Tensor cubic_kernel(const at::Tensor& x, const at::Tensor& y) {
  return at::matmul(x, y.t()).div_(x.size(1)).add_(1).pow_(3);
}

/// Mean of the kernel over pairs of different rows.
double mean_within(const at::Tensor& x) {
  const auto kernel = cubic_kernel(x, x);
  return (kernel.sum() - kernel.trace()).item<double>() / static_cast<double>(x.size(0) * (x.size(0) - 1));
}

double squared_discrepancy(const at::Tensor& x, const at::Tensor& y) {
  return mean_within(x) + mean_within(y) - 2 * cubic_kernel(x, y).mean().item<double>();
}

}  // namespace

KernelDistance kernel_distance(const at::Tensor& x, const at::Tensor& y,
                               const KernelDistanceOptions& options) {
  TORCH_CHECK(x.dim() == 2 && y.dim() == 2 && x.size(1) == y.size(1), "kernel distance between ", x.sizes(),
              " and ", y.sizes());
  const int64_t size = std::min({options.subset_size, x.size(0), y.size(0)});
  TORCH_CHECK(size >= 2 && options.subsets >= 1, "kernel distance of ", options.subsets, " subsets of ",
              size);
  const bool all = size == x.size(0) && size == y.size(0);
  const auto draw = [&](const at::Tensor& sample, const char* purpose, int64_t index) {
    const auto rows =
        draw_indices(sample.size(0), size, derive_seed(options.seed, purpose, static_cast<uint64_t>(index)));
    return sample.index_select(0, rows.to(sample.device())).to(at::kCPU, at::kDouble);
  };
  std::vector<double> distances;
  for (int64_t i = 0; i < (all ? 1 : options.subsets); ++i) {
    distances.push_back(
        squared_discrepancy(draw(x, "kernel distance x", i), draw(y, "kernel distance y", i)));
  }
  const auto values = at::tensor(distances, at::kDouble);
  return {.mean = values.mean().item<double>(),
          .deviation = values.numel() > 1 ? values.std(/*unbiased=*/false).item<double>() : kNaN,
          .subsets = values.numel(),
          .subset_size = size};
}

}  // namespace patronus
