#pragma once
#include <ATen/core/Tensor.h>

#include <vector>

#include "patronus/io/tensor_file.h"
#include "patronus/models/module_state.h"
#include "patronus/run/run_config.h"

namespace patronus {

/// Parameters that share a factor on the learning rate.
struct ParameterGroup {
  NamedTensors parameters;
  double learning_rate_factor = 1;
};

struct AdamWOptions {
  double beta1 = 0.9;
  double beta2 = 0.999;
  double eps = 1e-8;
  double weight_decay = 0.01;
};

/// AdamW (Loshchilov and Hutter 2019) over all parameters in a few fused operations, without host
/// synchronisation. Every parameter must have a gradient when `step` is called.
class FusedAdamW {
 public:
  FusedAdamW(std::vector<ParameterGroup> groups, const AdamWOptions& options);

  void zero_gradients();
  /// Scales all gradients so that their common L2 norm is at most `max_norm` (0: leaves them); gives the norm
  /// before.
  at::Tensor clip_gradients(double max_norm);
  /// One update with `learning_rate` times each group's factor.
  void step(double learning_rate);

  /// {"step", "exp_avg": {name: tensor}, "exp_avg_sq": {name: tensor}}, and back.
  Dict state() const;
  void load_state(const Dict& state);

 private:
  struct Group {
    std::vector<std::string> names;
    std::vector<at::Tensor> parameters, exp_avg, exp_avg_sq, steps;
    double learning_rate_factor;
  };
  std::vector<at::Tensor> gradients(const Group& group) const;

  std::vector<Group> groups_;
  AdamWOptions options_;
};

/// The learning rate of step `step` = 0, 1, ... of a training that is `total_steps` long.
double learning_rate_at(const OptimizationConfig& config, int64_t step, int64_t total_steps);

/// Decay of the moving average of the weights after `step` = 1, 2, ... steps: `ema_decay`, but with a short
/// memory at first, so that the average does not drag the initial weights along.
double average_decay(double ema_decay, int64_t step);

/// average <- decay * average + (1 - decay) * values, elementwise over both lists.
void update_average(const NamedTensors& average, const NamedTensors& values, double decay);

/// Whether every element of every tensor is; waits for the device.
bool all_finite(const NamedTensors& tensors);

}  // namespace patronus
