#pragma once
#include <ATen/core/Tensor.h>

#include <string>
#include <vector>

#include "patronus/interop/tensor_file.h"
#include "patronus/training/parameter_groups.h"

namespace patronus {

struct AdamWOptions {
  double beta1 = 0.9;
  double beta2 = 0.999;
  double eps = 1e-8;
  double weight_decay = 0.01;
};

/// AdamW (Loshchilov and Hutter 2019) over its parameters in a few fused operations, without host
/// synchronisation. Every parameter must have a gradient when `step` is called. A step works on tensors alone
/// that stay where they are, so that it may be recorded (RecordedStep).
/// The parameters' versions need not count it.
class FusedAdamW {
 public:
  FusedAdamW(const std::vector<ParameterGroup>& groups, const AdamWOptions& options);

  /// Of the steps from here on, times each group's factor; 0 at first.
  void set_learning_rate(double learning_rate);
  void step();

  /// {"step", "exp_avg": {name: tensor}, "exp_avg_sq": {name: tensor}}, and back.
  Dict state() const;
  void load_state(const Dict& state);

 private:
  struct Group {
    NamedTensors named_parameters;
    std::vector<at::Tensor> parameters, exp_avg, exp_avg_sq, steps;
    double learning_rate_factor;
    at::Tensor learning_rate;  // a scalar on the device
  };

  std::vector<Group> groups_;
  AdamWOptions options_;
};

}  // namespace patronus
