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
/// synchronisation. All parameters must have gradients when `step` is called. A step uses only tensors at
/// fixed addresses, so that it can be recorded (RecordedStep). It need not increment the parameters'
/// versions.
class FusedAdamW {
 public:
  FusedAdamW(const std::vector<ParameterGroup>& groups, const AdamWOptions& options);

  /// Sets the learning rate of further steps, to be multiplied by each group's factor; initially 0.
  void set_learning_rate(double learning_rate);
  void step();

  /// Saves the state as {"step", "exp_avg": {name: tensor}, "exp_avg_sq": {name: tensor}}, and loads it.
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
