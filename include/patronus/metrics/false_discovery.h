#pragma once
#include <ATen/core/Tensor.h>

namespace patronus {

/// Benjamini and Hochberg's (1995) adjustment of p values [M]: the smallest false discovery rate at which
/// each would be among the discoveries. float64 [M], at most 1, in the order of `p`.
at::Tensor benjamini_hochberg(const at::Tensor& p);

}  // namespace patronus
