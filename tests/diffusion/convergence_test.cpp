#include <ATen/Functions.h>
#include <ATen/TensorOperators.h>

#include <cmath>

#include "diffusion/gaussian.h"
#include "patronus/diffusion/round_trip.h"
#include "support/parity.h"

// How fast the deterministic samplers approach the exact solution of the probability-flow ODE of a Gaussian.
// Many fine timesteps, so that rounding sub-steps to timesteps does not disturb the order.

namespace patronus {
namespace {

constexpr int64_t kFineTimesteps = 100'000;

/// Error of the state that arrives at timestep 0, before the x0 estimate takes its place.
double error_at_level_zero(Sampler sampler, const NoiseSchedule& schedule, int64_t steps) {
  const test::Gaussian data;
  const auto x_T = test::normal_images(500, 1);
  at::Tensor at_level_zero;
  const StepHook hook = [&](const SamplerState& step) {
    if (step.index == steps - 2) at_level_zero = step.x;
  };
  sample(data.denoiser(schedule), x_T, schedule, {.sampler = sampler, .steps = steps}, {.step = hook});
  const auto exact = data.flow(x_T, schedule.alpha_bar(schedule.timesteps() - 1), schedule.alpha_bar(0));
  return test::root_mean_square(at_level_zero - exact);
}

/// Error of the state halfway through the steps.
double error_halfway(Sampler sampler, const NoiseSchedule& schedule, int64_t steps) {
  const test::Gaussian data;
  const auto x_T = test::normal_images(500, 1);
  at::Tensor state;
  int64_t timestep = 0;
  const StepHook hook = [&](const SamplerState& step) {
    if (step.index == steps / 2 - 1) state = step.x;
    if (step.index == steps / 2) timestep = step.t;
  };
  sample(data.denoiser(schedule), x_T, schedule, {.sampler = sampler, .steps = steps}, {.step = hook});
  const auto exact =
      data.flow(x_T, schedule.alpha_bar(schedule.timesteps() - 1), schedule.alpha_bar(timestep));
  return test::root_mean_square(state - exact);
}

double error_of_image(Sampler sampler, const NoiseSchedule& schedule, int64_t steps) {
  const test::Gaussian data;
  const auto x_T = test::normal_images(500, 1);
  const auto exact = data.flow(x_T, schedule.alpha_bar(schedule.timesteps() - 1), 1);
  const SamplerSettings settings{.sampler = sampler, .steps = steps};
  return test::root_mean_square(sample(data.denoiser(schedule), x_T, schedule, settings) - exact);
}

/// log2 of the factor by which the error falls from each number of steps to twice as many, three times.
void expect_order(const std::function<double(int64_t steps)>& error, double order, double tolerance,
                  int64_t first_steps = 40) {
  double previous = error(first_steps);
  for (const int64_t steps : {2 * first_steps, 4 * first_steps, 8 * first_steps}) {
    const double present = error(steps);
    EXPECT_NEAR(std::log2(previous / present), order, tolerance)
        << steps / 2 << " to " << steps << " steps: " << previous << " to " << present;
    previous = present;
  }
}

TEST(Convergence, OfDdimIsOfOrderOne) {
  const auto schedule = test::linear_schedule(kFineTimesteps);
  expect_order([&](int64_t steps) { return error_at_level_zero(Sampler::kDdim, schedule, steps); }, 1, 0.05);
}

TEST(Convergence, OfDpmSolverIsOfOrderTwo) {
  const auto schedule = test::linear_schedule(kFineTimesteps);
  expect_order([&](int64_t steps) { return error_at_level_zero(Sampler::kDpmSolver, schedule, steps); }, 2,
               0.1);
}

TEST(Convergence, OfThreeEstimatesInDpmSolverIsOfOrderThree) {
  const auto schedule = test::linear_schedule(kFineTimesteps);
  // Over all steps, the leading errors of a Gaussian cancel.
  expect_order([&](int64_t steps) { return error_halfway(Sampler::kDpmSolver3, schedule, steps); }, 3, 0.2);
}

TEST(Convergence, OfDdimInversionIsOfOrderOne) {
  const auto schedule = test::linear_schedule(kFineTimesteps);
  const test::Gaussian data;
  const auto x0 = data.mean + data.deviation * test::normal_images(500, 1);
  const auto exact = data.flow(x0, 1, schedule.alpha_bar(kFineTimesteps - 1));
  for (const auto method : {InversionMethod::kRefined, InversionMethod::kPlain}) {
    const auto error = [&](int64_t steps) {
      const InversionOptions options{.steps = steps, .method = method, .tolerance = 1e-8};
      return test::root_mean_square(invert_ddim(data.denoiser(schedule), x0, schedule, options).x_T - exact);
    };
    expect_order(error, 1, 0.1, 80);
  }
}

/// Error of `x0` led to noise and back.
double round_trip_error(const test::Gaussian& data, const NoiseSchedule& schedule,
                        const InversionOptions& options) {
  const auto x0 = data.mean + data.deviation * test::normal_images(500, 1);
  return test::root_mean_square(round_trip(data.denoiser(schedule), x0, schedule, options).image - x0);
}

TEST(Convergence, OfAPlainRoundTripIsOfOrderTwo) {
  const auto schedule = test::linear_schedule(kFineTimesteps);
  const auto error = [&](int64_t steps) {
    return round_trip_error({}, schedule, {.steps = steps, .method = InversionMethod::kPlain});
  };
  expect_order(error, 2, 0.1, 80);
}

TEST(Convergence, OfDpmSolverIn20StepsBeatsDdimIn100AtTheUsualThousandLevels) {
  const auto schedule = test::linear_schedule(1000);
  EXPECT_LT(error_of_image(Sampler::kDpmSolver, schedule, 20), error_of_image(Sampler::kDdim, schedule, 100));
  EXPECT_LT(error_of_image(Sampler::kDpmSolver, schedule, 20), 0.01);
}

TEST(Convergence, OnTheReferencesLevelsIsFarWorseThanOnMatchingOnes) {
  const auto schedule = test::linear_schedule(50);
  const double reference =
      round_trip_error({}, schedule, {.steps = 50, .method = InversionMethod::kReference});
  EXPECT_LT(round_trip_error({}, schedule, {.steps = 50, .method = InversionMethod::kPlain}),
            0.1 * reference);
  EXPECT_LT(round_trip_error({}, schedule, {.steps = 50, .tolerance = 1e-9}), 1e-7 * reference);
}

}  // namespace
}  // namespace patronus
