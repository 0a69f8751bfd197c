#pragma once
#include <ATen/core/Tensor.h>

#include <cstdint>

namespace patronus {

/// The two-sample Kolmogorov-Smirnov statistic of every dimension of `x` [N, D] and `y` [M, D], any floating
/// type, on the CPU: float64 [D], the largest distance (0 .. 1) between the two empirical distribution
/// functions.
at::Tensor kolmogorov_smirnov(const at::Tensor& x, const at::Tensor& y);

/// Rows that a column needs: of fewer than these even the rarest signs come by chance in more than 5 %.
constexpr int64_t kFewestFlipped = 6;

struct SignFlipOptions {
  int64_t flips = 10000;
  uint64_t seed = 0;
};

/// Whether paired differences are centred at 0: float64 [M] each, one number a column.
struct SignFlipTest {
  at::Tensor t;         // mean over its standard error
  at::Tensor p;         // two-sided, of the column alone; never below 1 / (flips + 1)
  at::Tensor family_p;  // of the column among all columns, by the largest |t| (Westfall and Young 1993)
};

/// Tests every column of `differences` [N, M], NaN where a row has none, by flipping the signs of whole rows
/// at random: if a difference and its negative are equally likely, |t| is as large as observed in a share `p`
/// of the flips, and the largest |t| of all columns is as large in a share `family_p`. The latter keeps the
/// chance of even one false alarm among the columns, however they depend on each other. A column of zeros has
/// t = 0. A column with fewer than `kFewestFlipped` rows is no test: its p are 1, and it is not in the
/// family.
SignFlipTest sign_flip_test(const at::Tensor& differences, const SignFlipOptions& options = {});

/// Benjamini and Hochberg's (1995) adjustment of p values [M]: the smallest false discovery rate at which
/// each would be among the discoveries. float64 [M], at most 1, in the order of `p`.
at::Tensor benjamini_hochberg(const at::Tensor& p);

}  // namespace patronus
