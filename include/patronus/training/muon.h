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

/// Orthogonalises matrices [N, R, C] with five Newton-Schulz iterations (Jordan et al. 2024): singular values
/// become about 1 (0.65 to 1.25), except those below 1/100 of a matrix' Frobenius norm; singular vectors
/// stay. Iterates on the Gram matrix of the shorter side only. Zero matrices stay zero.
at::Tensor orthogonalize(const at::Tensor& matrices);

/// Muon (Jordan et al. 2024): updates a weight by its orthogonalised Nesterov momentum, so that a step has
/// the same size in all directions of the weight, not just in the few largest ones. Updates have a root mean
/// square of 0.2 times the learning rate, about that of AdamW (Liu et al. 2025), independent of the
/// gradients' scale. Weight decay is decoupled as in AdamW and uses the same rate. A weight [N, M, ...] is a
/// matrix of N rows: a convolution's outputs, a transposed one's inputs, or queries, keys and values
/// together. All parameters must have gradients when `step` is called. A step uses only tensors at fixed
/// addresses, so that it can be recorded (RecordedStep). It need not increment the parameters' versions.
class Muon {
 public:
  /// `group`: parameters of at least two dimensions, all on one device; may be empty.
  Muon(const ParameterGroup& group, const MuonOptions& options);

  /// Sets the learning rate of further steps, to be multiplied by the group's factor; initially 0.
  void set_learning_rate(double learning_rate);
  void step();

  /// Saves the state as {name: momentum}, empty without parameters, and loads it.
  Dict state() const;
  void load_state(const Dict& state);

 private:
  /// Parameters of one shape, whose matrices are processed as one tensor.
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
