#pragma once
#include <ATen/core/Tensor.h>

#include <vector>

#include "patronus/metrics/cross_validation.h"

namespace patronus {

/// R² of each column of `y` [N, E] predicted linearly from the columns of `x` [N, D] (any floating-point
/// types, on the CPU): float64 [E], 1 - squared error / squared deviation from the train part's mean, summed
/// over the test parts of all folds. At most 1; negative where the mean predicts better, as it may with few
/// rows; NaN for a constant column. In each fold a ridge regression (penalty 1, columns of `x` standardised)
/// is fitted to the train part.
at::Tensor linear_r2(const at::Tensor& x, const at::Tensor& y, const std::vector<Fold>& folds);

}  // namespace patronus
