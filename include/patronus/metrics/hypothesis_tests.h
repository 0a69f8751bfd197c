#pragma once
#include <ATen/core/Tensor.h>

#include <cstdint>

namespace patronus {

/// Two-sample Kolmogorov-Smirnov statistic of each column of `x` [N, D] and `y` [M, D], any floating-point
/// type, on the CPU: float64 [D], the largest difference (0 .. 1) of the empirical distribution functions.
at::Tensor kolmogorov_smirnov(const at::Tensor& x, const at::Tensor& y);

struct SignFlipOptions {
  int64_t flips = 10000;
  uint64_t seed = 0;
};

/// Sign-flip test of whether paired differences are centred at 0: float64 [M] each, one value per column.
struct SignFlipTest {
  at::Tensor t;         // mean divided by its standard error
  at::Tensor p;         // two-sided, for the column alone; at least 1 / (flips + 1)
  at::Tensor family_p;  // corrected for all columns, by the largest |t| (Westfall and Young 1993)
};

/// Tests each column of `differences` [N, M] (NaN for missing values) by flipping the signs of whole rows at
/// random. If a difference and its negative are equally likely, |t| reaches the observed value in a share `p`
/// of the flips, and the largest |t| of all columns reaches it in a share `family_p`, which controls the
/// probability of any false positive under arbitrary dependence of the columns. A column of zeros has t = 0.
/// A column with fewer than `kMinIntervalRows` (bootstrap.h) rows is not tested: its p values are 1, and it
/// is not in the family.
SignFlipTest sign_flip_test(const at::Tensor& differences, const SignFlipOptions& options = {});

/// Benjamini and Hochberg's (1995) adjusted p values: for each of `p` [M], the smallest false discovery rate
/// at which it is a discovery. float64 [M], at most 1, in the order of `p`.
at::Tensor benjamini_hochberg(const at::Tensor& p);

}  // namespace patronus
