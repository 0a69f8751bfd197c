#include "patronus/metrics/ranks.h"

#include <ATen/Functions.h>
#include <ATen/TensorOperators.h>

#include <tuple>

namespace patronus {

at::Tensor mid_ranks(const at::Tensor& x) {
  TORCH_CHECK(x.dim() == 2 && !x.isnan().any().item<bool>(), "ranks of ", x.sizes(), ", or of NaN");
  const auto rows = x.t().contiguous();
  const auto sorted = std::get<0>(rows.sort(1));
  const auto smaller = at::searchsorted(sorted, rows);
  const auto not_larger = at::searchsorted(sorted, rows, /*out_int32=*/false, /*right=*/true);
  return ((smaller + not_larger + 1).to(at::kDouble) / 2).t();
}

}  // namespace patronus
