#pragma once
#include <ATen/core/Tensor.h>

namespace patronus {

/// The ranks 1 ... N of the values in every column of `x` [N, D], on the CPU; equal values share the mean of
/// their ranks. float64 [N, D]. NaN has no rank.
at::Tensor mid_ranks(const at::Tensor& x);

}  // namespace patronus
