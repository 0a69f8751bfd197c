#pragma once
#include <ATen/core/Tensor.h>

#include <cstdint>

namespace patronus {

// Information in nats of discrete variables, from the frequencies in a sample: int64 [N, ...], one variable
// per column, values from 0 up or unknown (core/unknown.h), on the CPU. Only rows in which the variables
// involved are known count.

/// Entropy -sum p ln p of each column of `x` [N, A]: float64 [A]; exactly 0 for a constant column.
at::Tensor entropy(const at::Tensor& x);

/// Mutual information H(a) + H(b) - H(a, b) of each column of `a` [N, D] with each column of `b` [N, A]:
/// float64 [D, A], never negative.
at::Tensor mutual_information(const at::Tensor& a, const at::Tensor& b);

/// Discretises each column of `x` [N, D], any floating-point type, into `bins` intervals of equal width
/// between its minimum and maximum: int64 [N, D], 0 ... bins - 1; 0 for a constant column.
at::Tensor equal_width_bins(const at::Tensor& x, int64_t bins);

/// Redundancy of each of `attributes`, int64 [N, A]: the largest share of its entropy that another attribute
/// explains, `ent_red_prop` in the reference implementation. float64 [A], 0 .. 1; 0 for A = 1, and 1 for a
/// constant attribute. Unknown values explain nothing: the mutual information is multiplied by the share of
/// this attribute's known rows in which both are known (the chain rule, Cover and Thomas 2006, 2.5, for
/// values unknown at random). Thus attributes known together in few rows, from which mutual information is
/// overestimated (by about 1 / 2n for two-valued ones, Miller 1955), do not count as redundant.
at::Tensor redundancy(const at::Tensor& attributes);

}  // namespace patronus
