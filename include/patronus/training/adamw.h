#pragma once
#include <ATen/core/Tensor.h>

#include <string>
#include <vector>

#include "patronus/interop/tensor_file.h"
#include "patronus/models/module_state.h"

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
/// synchronisation. Every parameter must have a gradient when `step` is called. A step works on tensors alone
/// that stay where they are, so that it may be recorded (RecordedStep).
/// The parameters' versions need not count it.
class FusedAdamW {
 public:
  FusedAdamW(const std::vector<ParameterGroup>& groups, const AdamWOptions& options);

  void zero_gradients();
  /// Of the steps from here on, times each group's factor; 0 at first.
  void set_learning_rate(double learning_rate);
  /// Scales all gradients so that their common L2 norm is at most `max_norm` (0: leaves them), then updates.
  /// Gives the norm before, a scalar on the device.
  at::Tensor step(double max_norm = 0);

  /// {"step", "exp_avg": {name: tensor}, "exp_avg_sq": {name: tensor}}, and back.
  Dict state() const;
  void load_state(const Dict& state);

 private:
  struct Group {
    std::vector<std::string> names;
    std::vector<at::Tensor> parameters, exp_avg, exp_avg_sq, steps;
    double learning_rate_factor;
    at::Tensor learning_rate;  // a scalar on the device
  };
  static std::vector<at::Tensor> gradients(const Group& group);

  std::vector<Group> groups_;
  AdamWOptions options_;
};

}  // namespace patronus
