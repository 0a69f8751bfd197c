#pragma once
#include <ATen/core/Tensor.h>

namespace patronus {

/// A classifier with log odds linear in x. With two classes, a single row of coefficients gives the log odds
/// of the second against the first; with C > 2, one row per class gives its logit, and the intercepts sum to
/// 0.
struct LogisticRegression {
  at::Tensor classes;    // int64 [C], values of the labels, ascending
  at::Tensor coef;       // float64 [R, D], R = 1 or C
  at::Tensor intercept;  // float64 [R]

  at::Tensor logits(const at::Tensor& x) const;   // [N, D] to float64 [N, R]
  at::Tensor predict(const at::Tensor& x) const;  // [N, D] to int64 [N], the most probable class
};

/// Minimises
///   1/2 |coef|^2 + sum of -ln p(label)
/// over `x` [N, D] and `labels` int64 [N] with at least two classes, on the CPU: scikit-learn's objective at
/// its default C = 1, with the same penalty on all coefficients and none on the intercepts. The minimum is
/// unique, even for separable classes; Newton's method with line search finds the coefficients to about 1e-6.
/// `x` must be finite, with columns of deviation about 1 (fit_standardizer).
LogisticRegression fit_logistic_regression(const at::Tensor& x, const at::Tensor& labels);

}  // namespace patronus
