#include "patronus/metrics/logistic_regression.h"

#include <ATen/Functions.h>
#include <ATen/TensorOperators.h>

#include "patronus/core/device.h"

namespace patronus {
namespace {

/// Logits of all classes. With two classes there is one row, for the second; the first has logit 0.
at::Tensor class_logits(const at::Tensor& rows) {
  return rows.size(1) == 1 ? at::cat({at::zeros_like(rows), rows}, 1) : rows;
}

/// Log loss with L2 penalty, as a function of theta [R, D + 1]: rows of coefficients, the intercept last.
struct PenalizedLogLoss {
  at::Tensor design;    // [N, D + 1], the last column 1
  at::Tensor position;  // int64 [N, 1], class index
  at::Tensor targets;   // [N, R], one-hot
  at::Tensor penalty;   // [D + 1], weight of the penalty: 1, but 0 for the intercept

  double value(const at::Tensor& theta) const {
    const auto log_p = class_logits(at::matmul(design, theta.t())).log_softmax(1);
    return (0.5 * (penalty * theta.square()).sum() - log_p.gather(1, position).sum()).item<double>();
  }
  /// Probabilities of the classes that have a row in theta: [N, R].
  at::Tensor probabilities(const at::Tensor& theta) const {
    const auto p = class_logits(at::matmul(design, theta.t())).softmax(1);
    return p.slice(1, p.size(1) - theta.size(0));
  }
  at::Tensor gradient(const at::Tensor& theta, const at::Tensor& p) const {
    return at::matmul((p - targets).t(), design) + penalty * theta;
  }
  /// Product of the Hessian at probabilities p with a direction shaped like theta.
  at::Tensor hessian_times(const at::Tensor& direction, const at::Tensor& p) const {
    const auto change = p * at::matmul(design, direction.t());
    return at::matmul((change - p * change.sum(1, /*keepdim=*/true)).t(), design) + penalty * direction;
  }
};

PenalizedLogLoss penalized_log_loss(const at::Tensor& x, const at::Tensor& position, int64_t classes) {
  const auto ones = at::ones({x.size(0), 1}, at::kDouble);
  auto targets = at::one_hot(position, classes).to(at::kDouble);
  if (classes == 2) targets = targets.slice(1, 1);
  auto penalty = at::ones({x.size(1) + 1}, at::kDouble);
  penalty[-1].zero_();
  return {at::cat({x, ones}, 1), position.unsqueeze(1), targets, penalty};
}

/// The best model without coefficients: intercepts from the class frequencies.
at::Tensor constant_model(const PenalizedLogLoss& loss) {
  const auto frequency = loss.targets.mean(0);
  auto theta = at::zeros({frequency.size(0), loss.penalty.size(0)}, at::kDouble);
  theta.select(1, -1).copy_(frequency.size(0) == 1 ? frequency.logit() : frequency.log());
  return theta;
}

/// Cholesky factors [R, D + 1, D + 1] of the diagonal blocks, one per row of theta, of the constant model's
/// Hessian.
at::Tensor preconditioner(const PenalizedLogLoss& loss) {
  const auto frequency = loss.targets.mean(0).view({-1, 1, 1});
  const auto gram = at::matmul(loss.design.t(), loss.design);
  return at::linalg_cholesky(frequency * (1 - frequency) * gram + loss.penalty.diag());
}

/// -H^-1 gradient by preconditioned conjugate gradients, to 1% of the initial residual norm.
at::Tensor newton_step(const PenalizedLogLoss& loss, const at::Tensor& factors, const at::Tensor& p,
                       const at::Tensor& gradient) {
  const auto precondition = [&](const at::Tensor& r) {
    return at::cholesky_solve(r.unsqueeze(2), factors).squeeze(2);
  };
  const auto dot = [](const at::Tensor& a, const at::Tensor& b) { return (a * b).sum().item<double>(); };
  auto step = at::zeros_like(gradient), residual = -gradient;
  auto direction = precondition(residual);
  double size = dot(residual, direction);
  const double small = 1e-4 * size;
  for (int64_t i = 0; i < gradient.numel() && size > small; ++i) {
    const auto curved = loss.hessian_times(direction, p);
    const double length = size / dot(direction, curved);
    step += length * direction;
    residual -= length * curved;
    const auto next = precondition(residual);
    const double next_size = dot(residual, next);
    direction = next + next_size / size * direction;
    size = next_size;
  }
  return step;
}

/// Newton's method with step halving (Armijo condition).
at::Tensor minimize(const PenalizedLogLoss& loss) {
  constexpr int kMaxSteps = 100;
  const double tiny = 1e-12 * static_cast<double>(loss.design.size(0));
  const auto factors = preconditioner(loss);
  auto theta = constant_model(loss);
  for (int i = 0; i < kMaxSteps; ++i) {
    const auto p = loss.probabilities(theta);
    const auto gradient = loss.gradient(theta, p);
    auto step = newton_step(loss, factors, p, gradient);
    double slope = (gradient * step).sum().item<double>();
    // The loss is about -slope / 2 above its minimum, so a full step all but reaches it.
    if (-slope <= tiny) return theta + step;
    const double value = loss.value(theta);
    while (loss.value(theta + step) > value + 1e-4 * slope) {
      step /= 2;
      slope /= 2;
    }
    theta += step;
  }
  TORCH_CHECK(false, "logistic regression has not converged after ", kMaxSteps, " Newton steps");
}

}  // namespace

at::Tensor LogisticRegression::logits(const at::Tensor& x) const {
  return at::matmul(x.to(at::kDouble), coef.t()) + intercept;
}

at::Tensor LogisticRegression::predict(const at::Tensor& x) const {
  return classes.index_select(0, class_logits(logits(x)).argmax(1));
}

LogisticRegression fit_logistic_regression(const at::Tensor& x, const at::Tensor& labels) {
  const SingleThreadGuard guard;
  TORCH_CHECK(x.dim() == 2 && labels.dim() == 1 && x.size(0) == labels.size(0), "logistic regression of ",
              labels.sizes(), " labels on ", x.sizes());
  TORCH_CHECK(x.isfinite().all().item<bool>(), "logistic regression on values that are not finite");
  const auto [classes, position] = at::_unique(labels, /*sorted=*/true, /*return_inverse=*/true);
  TORCH_CHECK(classes.size(0) >= 2, "logistic regression needs two classes, got ", classes.size(0));
  const auto theta = minimize(penalized_log_loss(x.to(at::kDouble), position, classes.size(0)));
  auto intercept = theta.select(1, -1);
  // Adding a constant to all intercepts does not change the model; makes the solution unique.
  if (theta.size(0) > 1) intercept = intercept - intercept.mean();
  return {classes, theta.slice(1, 0, -1), intercept};
}

}  // namespace patronus
