#pragma once
#include <ATen/core/Tensor.h>

#include <cstdint>

namespace patronus {

// Information in nats of discrete variables, from the frequencies in a sample: int64 [N, ...], one variable a
// column, values from 0 up or unknown (core/unknown.h), on the CPU. What is said of a variable, or of two,
// comes from the rows in which it is, or both are, known.

/// -sum p ln p of every column of `x` [N, A]: float64 [A]; exactly 0 for a column that does not vary.
at::Tensor entropy(const at::Tensor& x);

/// H(a) + H(b) - H(a, b) of every column of `a` [N, D] with every column of `b` [N, A]: float64 [D, A], never
/// below 0.
at::Tensor mutual_information(const at::Tensor& a, const at::Tensor& b);

/// `x` [N, D], any floating type, cut into `bins` intervals of equal width between the smallest and the
/// largest value of a column: int64 [N, D], 0 ... bins - 1; 0 for a column that does not vary.
at::Tensor equal_width_bins(const at::Tensor& x, int64_t bins);

/// How much of every attribute of `attributes`, int64 [N, A], another one tells at most, in shares of its
/// entropy, which the reference calls `ent_red_prop`: float64 [A], 0 .. 1; 0 for A = 1, and 1 for an
/// attribute that does not vary. An unknown value tells nothing: another attribute tells the mutual
/// information times the share of this one's known rows in which both are known (the chain rule, Cover and
/// Thomas 2006, 2.5, for values that are unknown at random). So those that are known together in a few rows,
/// from which information comes out too large (by about 1 / 2n for two-valued ones, Miller 1955), do not pass
/// for redundant.
at::Tensor redundancy(const at::Tensor& attributes);

}  // namespace patronus
