#pragma once
#include <ATen/core/Tensor.h>

#include <cstdint>
#include <string>
#include <vector>

#include "patronus/core/describe.h"

namespace patronus {

/// Growth of the noise over the timesteps.
enum class BetaSchedule { kLinear, kCosine };
inline std::vector<std::string> enum_names(BetaSchedule) {
  return {"linear", "cosine"};
}

/// What the network predicts: the noise eps (paper, Eq. 5), or v = sqrt(abar) eps - sqrt(1-abar) x0 (Salimans
/// and Ho 2022), which is informative about the image even where x_t is almost only noise.
enum class PredictionKind { kNoise, kV };
inline std::vector<std::string> enum_names(PredictionKind) {
  return {"noise", "v"};
}

/// Settings of the diffusion process; YAML section `diffusion`.
struct DiffusionConfig {
  int64_t timesteps = 1000;
  BetaSchedule schedule = BetaSchedule::kLinear;
  PredictionKind prediction = PredictionKind::kNoise;

  void describe(Fields& field) {
    // Below 21 timesteps the scaled linear betas reach 1, which leaves nothing of the image to divide by.
    field("timesteps", timesteps, "number of timesteps T", between(21, 100'000));
    field("schedule", schedule,
          "linear: beta from 1e-4 to 0.02, scaled by 1000/T; cosine: Nichol and Dhariwal");
    field("prediction", prediction,
          "network output: the noise (paper) or v = sqrt(abar) eps - sqrt(1-abar) x0");
  }
};

/// Noise levels at the timesteps t = 0 .. T-1 of the forward process (paper, Eq. 1 and 2); t = -1 is the
/// clean image.
class NoiseSchedule {
 public:
  /// `device`: device of the images for `add_noise`, on which its table is kept.
  explicit NoiseSchedule(const DiffusionConfig& config, at::Device device = at::kCPU);

  int64_t timesteps() const { return std::ssize(beta_); }
  double beta(int64_t t) const { return beta_[t]; }
  double alpha_bar(int64_t t) const { return t < 0 ? 1.0 : alpha_bar_[t]; }
  /// lambda_t = log(sqrt(abar_t) / sqrt(1 - abar_t)), decreasing in t; infinite for the clean image.
  double half_log_snr(int64_t t) const;
  /// alpha_bar of all timesteps: float64 [T] on the CPU.
  at::Tensor alpha_bars() const;

  /// Factors of Eq. 2 for the timesteps of a batch, with shape and dtype to multiply with `images` [B, ...].
  struct Factors {
    at::Tensor signal;  // sqrt(abar_t), [B, 1, ...]
    at::Tensor noise;   // sqrt(1 - abar_t), [B, 1, ...]
  };
  /// Factors for timesteps `t`, int64 [B] on the images' device.
  Factors factors(const at::Tensor& t, const at::Tensor& images) const;
  /// x_t = sqrt(abar_t) x0 + sqrt(1 - abar_t) noise (Eq. 2); `t`: int64 [B] on the images' device.
  at::Tensor add_noise(const at::Tensor& x0, const at::Tensor& noise, const at::Tensor& t) const;

 private:
  std::vector<double> beta_;
  std::vector<double> alpha_bar_;
  at::Tensor factors_;  // float64 [2, T]: sqrt(abar), sqrt(1 - abar)
};

/// Selection of timesteps by a sampler with fewer than T steps.
enum class Spacing {
  kTime,    // evenly in t
  kLogSnr,  // evenly in lambda_t, rounded to the nearest timestep not yet taken
};

/// Throws ConfigError unless 1 <= steps <= T.
void check_step_count(const NoiseSchedule& schedule, int64_t steps);

/// Selects `steps` distinct timesteps from T-1 down to 0, both included; {T-1} for 1 step. Throws ConfigError
/// as check_step_count.
std::vector<int64_t> step_timesteps(const NoiseSchedule& schedule, int64_t steps,
                                    Spacing spacing = Spacing::kTime);

/// One sampler step, from the timestep of the network evaluation to the next one.
struct SamplerStep {
  int64_t from;
  int64_t to;
};

/// The `steps` steps that connect `step_timesteps`. The last one goes from the last timestep (0, or T-1 for a
/// single step) to -1, the clean image, which is the network's x0 estimate.
std::vector<SamplerStep> sampling_steps(const NoiseSchedule& schedule, int64_t steps,
                                        Spacing spacing = Spacing::kTime);

/// Timesteps at which to measure a loss for `count` images: int64 [count] on the CPU, spread evenly over 0 ..
/// T-1, in random order because images may be sorted by class.
at::Tensor stratified_timesteps(const NoiseSchedule& schedule, int64_t count, uint64_t seed);

}  // namespace patronus
