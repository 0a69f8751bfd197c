#pragma once
#include <ATen/core/Tensor.h>

namespace patronus {

/// A classifier whose log odds are linear in x. For two classes, one row of coefficients gives the log odds
/// of the second against the first; for C > 2, one row a class gives its logit, and the intercepts sum to 0.
struct LogisticRegression {
  at::Tensor classes;    // int64 [C], ascending: the values of the labels
  at::Tensor coef;       // float64 [R, D], R = 1 or C
  at::Tensor intercept;  // float64 [R]

  at::Tensor logits(const at::Tensor& x) const;     // [N, D] to float64 [N, R]
  at::Tensor predicted(const at::Tensor& x) const;  // [N, D] to int64 [N], the most probable class
};

/// The minimum of
///   1/2 |coef|^2 + sum of -ln p(label)
/// over `x` [N, D] and `labels` int64 [N] of at least two classes, on the CPU: scikit-learn's objective at
/// its default C = 1, with the same penalty on all rows of coefficients and none on the intercepts. It has
/// one minimum, also where the classes are separable, and is followed to it by Newton's method with a line
/// search: coefficients to about 1e-6. Meant for columns of deviation about 1 (fit_standardizer); x is
/// finite.
LogisticRegression fit_logistic_regression(const at::Tensor& x, const at::Tensor& labels);

}  // namespace patronus
