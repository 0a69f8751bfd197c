#pragma once
#include <ATen/core/Tensor.h>

#include <string>
#include <vector>

#include "patronus/interop/tensor_file.h"
#include "patronus/training/parameter_groups.h"

namespace patronus {

struct MuonOptions {
  double momentum = 0.9;
  double weight_decay = 0.01;
};

/// Matrices [N, R, C] whose singular values became about 1 (0.65 to 1.25), but for those below 1/100 of a
/// matrix' Frobenius norm, by five steps of the Newton-Schulz iteration of Jordan et al. (2024); singular
/// vectors stay. The iteration runs on the Gram matrix of the shorter side alone. A matrix of zeros stays.
at::Tensor orthogonalized(const at::Tensor& matrices);

/// Muon (Jordan et al. 2024): a weight goes along its momentum (Nesterov's), orthogonalised, so that a step
/// is of one size in all directions of the weight and not in the few largest alone. Steps have the root mean
/// square 0.2 times the learning rate, about that of AdamW's (Liu et al. 2025), and so do not depend on the
/// gradients' scale; weight decay is decoupled, as AdamW's, by the same rate. A weight [N, M, ...] is a
/// matrix of N rows: a convolution's outputs, a transposed one's inputs, queries, keys and values together.
/// Every parameter must have a gradient when `step` is called. A step works on tensors alone that stay where
/// they are, so that it may be recorded (RecordedStep). The parameters' versions need not count it.
class Muon {
 public:
  /// `group`: parameters of two dimensions and more, all on one device; there may be none.
  Muon(const ParameterGroup& group, const MuonOptions& options);

  /// Of the steps from here on, times the group's factor; 0 at first.
  void set_learning_rate(double learning_rate);
  void step();

  /// {name: momentum}; empty without parameters. And back.
  Dict state() const;
  void load_state(const Dict& state);

 private:
  /// Parameters of one shape, whose matrices are worked on as one tensor.
  struct Stack {
    NamedTensors parameters;
    std::vector<at::Tensor> momentum;
  };

  std::vector<Stack> stacks_;
  double learning_rate_factor_;
  at::Tensor learning_rate_;  // a scalar on the device
  MuonOptions options_;
};

}  // namespace patronus
