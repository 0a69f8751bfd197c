#pragma once
#include <ATen/core/Tensor.h>

#include <cstdint>
#include <string>
#include <vector>

#include "patronus/core/describe.h"

namespace patronus {

/// YAML section `diffusion`.
struct DiffusionConfig {
  int64_t timesteps = 1000;
  std::string schedule = "linear";
  std::string prediction = "noise";

  void describe(Fields& field) {
    field("timesteps", timesteps, "number of noise levels T", between(21, 100'000));
    field("schedule", schedule, "linear: beta from 1e-4 to 0.02, scaled by 1000/T; cosine: Nichol and Dhariwal",
          one_of({"linear", "cosine"}));
    field("prediction", prediction, "what the network predicts: the noise (paper) or v = sqrt(abar) eps - sqrt(1-abar) x0",
          one_of({"noise", "v"}));
  }
};

/// The noise levels t = 0 .. T-1 of the forward process (paper, eq. 1 and 2); level -1 stands for the clean image.
class Schedule {
 public:
  explicit Schedule(const DiffusionConfig& config);

  int64_t timesteps() const { return static_cast<int64_t>(beta_.size()); }
  double beta(int64_t t) const { return beta_[static_cast<size_t>(t)]; }
  double alpha_bar(int64_t t) const { return t < 0 ? 1.0 : alpha_bar_[static_cast<size_t>(t)]; }
  /// float64 [T] on the CPU.
  at::Tensor alpha_bars() const;
  /// x_t = sqrt(abar_t) x0 + sqrt(1 - abar_t) noise (eq. 2); `t`: int64 [B] on the images' device.
  at::Tensor add_noise(const at::Tensor& x0, const at::Tensor& noise, const at::Tensor& t) const;

 private:
  std::vector<double> beta_;
  std::vector<double> alpha_bar_;
};

/// `steps` levels from T-1 down to 0, both included, evenly spaced and rounded; `steps` 1 gives {T-1}.
/// ConfigError unless 1 <= steps <= T.
std::vector<int64_t> step_levels(const Schedule& schedule, int64_t steps);

}  // namespace patronus
