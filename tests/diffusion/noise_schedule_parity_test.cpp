#include <ATen/Functions.h>
#include <ATen/TensorOperators.h>

#include <algorithm>

#include "diffusion/sampler_loops.h"
#include "patronus/diffusion/noise_schedule.h"
#include "patronus/diffusion/objective.h"
#include "support/parity.h"

namespace patronus {
namespace {

namespace fs = std::filesystem;

constexpr double kTableTolerance = 1e-5;

/// The reference's tables from our betas. They are float32 throughout, which matters where 1 - abar cancels.
std::vector<std::pair<std::string, at::Tensor>> reference_tables(const NoiseSchedule& schedule) {
  std::vector<double> betas;
  for (int64_t t = 0; t < schedule.timesteps(); ++t) betas.push_back(schedule.beta(t));
  const auto beta = at::tensor(betas, at::kDouble).to(at::kFloat);
  const auto alpha = 1 - beta, abar = alpha.cumprod(0);
  const auto inner = abar.slice(0, 0, -1);
  return {
      {"beta", beta},
      {"alpha", alpha},
      {"sqrt_beta", beta.sqrt()},
      {"alpha_cumulative", abar},
      {"sqrt_alpha_cumulative", abar.sqrt()},
      {"one_by_sqrt_alpha", 1 / alpha.sqrt()},
      {"sqrt_one_minus_alpha_cumulative", (1 - abar).sqrt()},
      {"alphas_cumprod_prev", at::cat({at::ones({1}), inner})},
      {"alphas_cumprod_next", at::cat({abar.slice(0, 1), at::zeros({1})})},
      {"log_one_minus_alphas_cumprod", (1 - abar).log()},
      {"sqrt_recip_alphas_cumprod", (1 / abar).sqrt()},
      {"sqrt_recipm1_alphas_cumprod", (1 / abar - 1).sqrt()},
  };
}

/// Below 20 timesteps betas exceed 1 and roots become NaN, in the reference as in ours.
testing::AssertionResult same_table(const at::Tensor& actual, const at::Tensor& expected, double atol = 0) {
  if (!at::equal(actual.isnan(), expected.isnan()))
    return testing::AssertionFailure() << "NaN in different places";
  const auto filled = [](const at::Tensor& x) { return at::where(x.isnan(), at::zeros_like(x), x); };
  return test::close(filled(actual), filled(expected), atol, kTableTolerance);
}

void check_tables(const Dict& group) {
  const NoiseSchedule schedule({.timesteps = group.at("T").integer()});
  for (const auto& [name, table] : reference_tables(schedule)) {
    // Close to log(1) a table of float32 is as coarse as the numbers just below 1.
    const double spacing = name.starts_with("log_") ? 0x1p-23 : 0;
    EXPECT_TRUE(same_table(table, group.at(name).tensor(), spacing)) << name;
  }
  EXPECT_TRUE(same_table(schedule.alpha_bars(), group.at("alpha_cumulative").tensor().to(at::kDouble)));
}

/// Atol for an image that has been divided by a small number: relative to its largest value.
double scaled(double tolerance, const at::Tensor& expected) {
  return tolerance * std::max(1.0, expected.abs().max().item<double>());
}

void check_one_step_algebra(const Dict& group) {
  const NoiseSchedule schedule({.timesteps = group.at("T").integer()});
  const auto timesteps = group.at("t").tensor(), x_t = group.at("x_t").tensor(),
             eps = group.at("model_eps").tensor();
  EXPECT_TRUE(test::close(schedule.add_noise(group.at("x0").tensor(), group.at("noise").tensor(), timesteps),
                          x_t, 1e-5));
  for (int64_t i = 0; i < timesteps.size(0); ++i) {
    SCOPED_TRACE("row " + std::to_string(i));
    const auto t = timesteps[i].item<int64_t>();
    const auto row = [&](const std::string& name) { return group.at(name).tensor()[i]; };
    const auto mean = row("posterior_mean"), x0 = row("pred_xstart");
    EXPECT_TRUE(test::close(ddpm_mean(x_t[i], eps[i], schedule, t), mean, scaled(1e-5, mean)));
    const auto prediction = to_prediction(eps[i], x_t[i], schedule.alpha_bar(t), PredictionKind::kNoise);
    EXPECT_TRUE(test::close(prediction.x0, x0, scaled(1e-5, x0)));
    EXPECT_TRUE(test::close(prediction.eps, row("eps_from_xstart"), t <= 2 ? 1e-3 : 1e-5));
  }
}

class ScheduleParity : public testing::TestWithParam<fs::path> {};

TEST_P(ScheduleParity, ReproducesTablesAndOneStepAlgebra) {
  const Dict recorded = read_tensor_file(GetParam());
  for (const auto& [name, group] : recorded.entries()) {
    SCOPED_TRACE(name);
    if (group.dict().find("beta")) check_tables(group.dict());
    if (group.dict().find("x_t")) check_one_step_algebra(group.dict());
  }
}

GTEST_ALLOW_UNINSTANTIATED_PARAMETERIZED_TEST(ScheduleParity);
INSTANTIATE_TEST_SUITE_P(Reference, ScheduleParity, testing::ValuesIn(test::parity_cases("schedule")),
                         test::case_name);

}  // namespace
}  // namespace patronus
