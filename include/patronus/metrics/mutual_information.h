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

/// How much of every attribute the others already tell. An unknown value tells nothing: another attribute
/// tells the mutual information times the share of this one's known rows in which both are known (the chain
/// rule, Cover and Thomas 2006, 2.5, for values that are unknown at random). So those that are known together
/// in a few rows, from which information comes out too large (by about 1 / 2n for two-valued ones, Miller
/// 1955), do not pass for redundant.
struct SharedInformation {
  at::Tensor entropy;     // float64 [A]
  at::Tensor mutual;      // float64 [A, A]; an attribute with itself has its entropy
  at::Tensor largest;     // float64 [A], the most that another attribute tells; 0 for A = 1
  at::Tensor with;        // int64 [A], that attribute; -1 for A = 1
  at::Tensor redundancy;  // float64 [A], largest / entropy, 0 .. 1; 1 for an attribute that does not vary
};

/// The information that `attributes`, int64 [N, A], share. The redundancy is what the reference calls
/// `ent_red_prop`.
SharedInformation shared_information(const at::Tensor& attributes);

}  // namespace patronus
