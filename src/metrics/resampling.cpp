#include "patronus/metrics/resampling.h"

#include <ATen/Functions.h>

#include <vector>

#include "patronus/core/random.h"

namespace patronus {

at::Tensor resampling_weights(uint64_t seed, int64_t first, int64_t count, int64_t resamples) {
  const auto once = at::ones({resamples}, at::kDouble);
  std::vector<at::Tensor> columns;
  for (int64_t i = first; i < first + count; ++i) {
    const auto generator = make_generator(derive_seed(seed, "bootstrap", static_cast<uint64_t>(i)));
    columns.push_back(at::cat({at::ones({1}, at::kDouble), at::poisson(once, generator)}));
  }
  return at::stack(columns, 1);
}

Estimate estimate_of(const at::Tensor& rows) {
  const auto shape = rows.sizes().slice(1);
  const auto columns = rows.reshape({rows.size(0), -1});
  const auto bounds = at::tensor({0.025, 0.975}, at::kDouble);
  auto interval = at::empty({2, columns.size(1)}, at::kDouble);
  for (int64_t i = 0; i < columns.size(1); ++i) {  // LibTorch's quantile refuses large tables
    interval.select(1, i).copy_(at::nanquantile(columns.select(1, i).slice(0, 1), bounds));
  }
  return {columns[0].view(shape).clone(), interval[0].view(shape), interval[1].view(shape)};
}

}  // namespace patronus
