#pragma once
#include <ATen/core/Tensor.h>

namespace patronus {

/// The share of an asked change that arrived, (reached - before) . (target - before) / |target - before|^2
/// for activations [R, P] each: float64 [R], NaN where no change was asked.
at::Tensor edit_gain(const at::Tensor& before, const at::Tensor& target, const at::Tensor& reached);

/// Mean absolute change of activations besides the one that was meant, whose change is `own` [R], of changes
/// [R, P] of which NaN do not count: float64 [R], 0 where there are no others.
at::Tensor drift_of_others(const at::Tensor& change, const at::Tensor& own);

}  // namespace patronus
