#include "patronus/metrics/logistic_regression.h"

#include <ATen/Functions.h>
#include <ATen/TensorOperators.h>
#include <gtest/gtest.h>

#include <cmath>

#include "patronus/core/random.h"
#include "support/parity.h"

namespace patronus {
namespace {

at::Tensor normal_columns(int64_t rows, int64_t columns, uint64_t seed) {
  return at::randn({rows, columns}, make_generator(seed), at::kDouble);
}

/// Of every class, [N, C].
at::Tensor probabilities(const LogisticRegression& fit, const at::Tensor& x) {
  const auto rows = fit.logits(x);
  return (rows.size(1) == 1 ? at::cat({at::zeros_like(rows), rows}, 1) : rows).softmax(1);
}

/// How far the objective's gradient is from 0 at the fit, written down from the probabilities of the classes.
double largest_gradient(const LogisticRegression& fit, const at::Tensor& x, const at::Tensor& labels) {
  auto excess = probabilities(fit, x) - (labels.unsqueeze(1) == fit.classes).to(at::kDouble);
  if (fit.coef.size(0) == 1) excess = excess.slice(1, 1);
  const auto coef = at::matmul(excess.t(), x) + fit.coef;
  return at::maximum(coef.abs().max(), excess.sum(0).abs().max()).item<double>();
}

TEST(LogisticRegression, OfTwoMirroredRowsSolvesTheEquationByHand) {
  const auto x = at::tensor({-1.0, 1.0}).unsqueeze(1);
  const auto fit = fit_logistic_regression(x, at::tensor({0, 1}, at::kLong));
  const double w = fit.coef.item<double>();
  EXPECT_NEAR(w, 2 / (1 + std::exp(w)), 1e-9);
  EXPECT_NEAR(w, 0.674832, 1e-6);
  EXPECT_NEAR(fit.intercept.item<double>(), 0, 1e-9);
}

TEST(LogisticRegression, WithoutAnythingToGoByGivesTheFrequencies) {
  const auto two = fit_logistic_regression(at::zeros({5, 2}), at::tensor({1, 0, 0, 0, 0}, at::kLong));
  EXPECT_NEAR(two.intercept.item<double>(), std::log(1.0 / 4), 1e-12);
  EXPECT_EQ(two.coef.abs().max().item<double>(), 0);
  const auto three = fit_logistic_regression(at::zeros({4, 2}), at::tensor({0, 1, 2, 2}, at::kLong));
  EXPECT_TRUE(test::close(probabilities(three, at::zeros({1, 2})), at::tensor({0.25, 0.25, 0.5}).unsqueeze(0),
                          1e-12));
}

TEST(LogisticRegression, EndsWhereTheGradientVanishes) {
  const auto x = normal_columns(300, 8, 1);
  const auto score = x.select(1, 0) + x.select(1, 1) + normal_columns(300, 1, 2).squeeze(1);
  const auto two = (score > 0).to(at::kLong), four = (two + 2 * (x.select(1, 2) > 1)).to(at::kLong);
  EXPECT_LT(largest_gradient(fit_logistic_regression(x, two), x, two), 1e-6);
  EXPECT_LT(largest_gradient(fit_logistic_regression(x, four), x, four), 1e-4);
}

TEST(LogisticRegression, ConvergesOnSeparableAndRareClasses) {
  const auto x = normal_columns(2000, 40, 1);
  const auto separable = (x.select(1, 3) > 0).to(at::kLong);
  auto rare = at::zeros({2000}, at::kLong);
  rare[7] = 1;
  for (const auto& labels : {separable, rare, separable + rare}) {
    EXPECT_LT(largest_gradient(fit_logistic_regression(x, labels), x, labels), 1e-4);
  }
}

TEST(LogisticRegression, WithMoreColumnsThanRowsIsStillFinite) {
  const auto x = normal_columns(10, 50, 1);
  const auto labels = at::arange(10, at::kLong).remainder(3);
  const auto fit = fit_logistic_regression(x, labels);
  EXPECT_LT(largest_gradient(fit, x, labels), 1e-5);
  EXPECT_TRUE(at::equal(fit.predict(x), labels));
  EXPECT_TRUE(probabilities(fit, 1e6 * x).isfinite().all().item<bool>());
}

TEST(LogisticRegression, SharesACoefficientBetweenEqualColumns) {
  const auto x = normal_columns(200, 2, 1);
  const auto labels = (x.select(1, 0) > 0.3).to(at::kLong);
  const auto fit = fit_logistic_regression(at::cat({x, x.slice(1, 0, 1), at::zeros({200, 1})}, 1), labels);
  EXPECT_NEAR(fit.coef[0][0].item<double>(), fit.coef[0][2].item<double>(), 1e-7);
  EXPECT_GT(fit.coef[0][0].item<double>(), 1);
  EXPECT_EQ(fit.coef[0][3].item<double>(), 0);
}

TEST(LogisticRegression, TreatsAllClassesAlike) {
  const auto x = normal_columns(240, 3, 1);
  const auto labels = at::arange(240, at::kLong).remainder(3);
  const auto fit = fit_logistic_regression(x, labels);
  EXPECT_TRUE(test::close(fit.coef.sum(0), at::zeros({3}), 1e-6));
  EXPECT_NEAR(fit.intercept.sum().item<double>(), 0, 1e-12);
  const auto reversed = fit_logistic_regression(x, 2 - labels);
  EXPECT_TRUE(test::close(reversed.coef.flip(0), fit.coef, 1e-6));
  EXPECT_TRUE(test::close(reversed.intercept.flip(0), fit.intercept, 1e-6));
}

TEST(LogisticRegression, NamesClassesByTheirLabels) {
  const auto x = at::tensor({-2.0f, -1.0f, 1.0f, 2.0f}).unsqueeze(1);
  const auto labels = at::tensor({7, 7, 3, 3}, at::kLong);
  const auto fit = fit_logistic_regression(x, labels);
  EXPECT_TRUE(at::equal(fit.classes, at::tensor({3, 7}, at::kLong)));
  EXPECT_TRUE(at::equal(fit.predict(x), labels));
  EXPECT_LT(fit.logits(x)[3].item<double>(), 0) << "the log odds of 7 against 3";
}

TEST(LogisticRegression, RefusesASingleClassAndValuesThatAreNotFinite) {
  EXPECT_THROW(fit_logistic_regression(at::ones({3, 1}), at::zeros({3}, at::kLong)), c10::Error);
  EXPECT_THROW(fit_logistic_regression(at::full({2, 1}, NAN), at::tensor({0, 1}, at::kLong)), c10::Error);
}

}  // namespace
}  // namespace patronus
