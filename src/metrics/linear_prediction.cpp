#include "patronus/metrics/linear_prediction.h"

#include <ATen/Functions.h>
#include <ATen/TensorOperators.h>

#include "patronus/core/standardizer.h"

namespace patronus {

at::Tensor linear_r2(const at::Tensor& x, const at::Tensor& y, const std::vector<Fold>& folds) {
  const auto all_x = x.to(at::kDouble), all_y = y.to(at::kDouble);
  const auto penalty = at::eye(x.size(1), at::kDouble);
  auto error = at::zeros({y.size(1)}, at::kDouble), variation = at::zeros_like(error);
  for (const auto& fold : folds) {
    const auto train = all_x.index_select(0, fold.train);
    const Standardizer scale = fit_standardizer(train);
    const auto z = scale.transform(train);
    const auto train_y = all_y.index_select(0, fold.train), mean = train_y.mean(0);
    const auto factor = at::linalg_cholesky(at::matmul(z.t(), z) + penalty);
    const auto slope = at::cholesky_solve(at::matmul(z.t(), train_y - mean), factor);
    const auto rest = all_y.index_select(0, fold.test) - mean;
    const auto predicted = at::matmul(scale.transform(all_x.index_select(0, fold.test)), slope);
    error += (rest - predicted).square().sum(0);
    variation += rest.square().sum(0);
  }
  // The mean of equal values may differ from them by rounding.
  const auto varies = all_y.amin(0) < all_y.amax(0);
  return at::where(varies, 1 - error / variation, NAN);
}

}  // namespace patronus
