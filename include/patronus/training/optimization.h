#pragma once
#include <ATen/core/Tensor.h>

#include <vector>

#include "patronus/run/run_config.h"
#include "patronus/training/adamw.h"
#include "patronus/training/muon.h"
#include "patronus/training/recorded_step.h"
#include "patronus/training/training_step.h"

namespace patronus {

/// The weights of a model in training and the update of each step, for any model: AdamW, or Muon and AdamW,
/// with learning-rate schedule, gradient clipping, and the moving average of the weights (EMA). Without EMA
/// the average is the weights themselves.
class Optimization {
 public:
  /// Computes the losses of a batch, without their graph, and the gradients of all parameters. Called with
  /// gradients disabled.
  using Backpropagate = std::function<Losses(const TrainingBatch&)>;

  /// `groups`: all trainable parameters of the model. `model`: all its tensors (module_state.h). `average`:
  /// those of an equal model, for the average. `total_steps`: length of the learning-rate schedule.
  /// `records`: whether `backpropagate` and the subsequent optimiser steps may be recorded (RecordedStep).
  Optimization(const OptimizationConfig& config, int64_t total_steps, const ParameterGroups& groups,
               NamedTensors model, NamedTensors average, Backpropagate backpropagate, bool records);

  StepResult step(const TrainingBatch& batch);

  /// Number of steps done.
  int64_t steps() const { return steps_; }
  /// Learning rate of the next step.
  double learning_rate() const;
  /// Whether all parameters are finite; waits for the device.
  bool weights_are_finite() const;
  /// The trainable parameters, with their gradients.
  const std::vector<at::Tensor>& parameters() const { return parameters_; }

  const NamedTensors& model() const { return model_; }
  /// The moving average of the weights; empty without EMA.
  NamedTensors ema() const { return config_.ema_decay > 0 ? ema_ : NamedTensors{}; }
  /// State of the optimisers: FusedAdamW::state(), and Muon's under "momentum" if it has parameters.
  Dict optimizer() const;

  /// Starts from these weights. Throws ConfigError if they do not fit.
  void load_weights(const NamedTensors& model, const NamedTensors& ema = {});
  /// Continues after `steps` steps from the state then returned by `model`, `ema` and `optimizer`. An empty
  /// `optimizer` leaves the optimisers unchanged. Throws ConfigError if the weights do not fit.
  void restore(int64_t steps, const NamedTensors& model, const NamedTensors& ema, const Dict& optimizer);

 private:
  OptimizationConfig config_;
  int64_t total_steps_;
  int64_t steps_ = 0;
  NamedTensors trained_;  // trainable parameters
  FusedAdamW adamw_;
  Muon muon_;
  RecordedStep update_;  // parameter update for a batch
  NamedTensors model_;
  NamedTensors ema_;
  // The same tensors in the same order, divided into trainable ones and the rest.
  std::vector<at::Tensor> parameters_, ema_parameters_;
  std::vector<at::Tensor> constants_, ema_constants_;
};

/// The tensors of Optimization::optimizer(), in order.
std::vector<at::Tensor> optimizer_tensors(const Dict& optimizer);

/// Number of steps of a training: max_steps, or that of the epochs over `examples` examples.
int64_t total_steps(const OptimizationConfig& config, int64_t examples);

/// Learning rate of step `step` = 0, 1, ... in a training of `total_steps` steps.
double learning_rate_at(const OptimizationConfig& config, int64_t step, int64_t total_steps);

/// EMA decay after `step` = 1, 2, ... steps: `ema_decay`, but smaller at first, so that the average forgets
/// the initial weights quickly.
double ema_decay_at(double ema_decay, int64_t step);

/// average <- decay * average + (1 - decay) * values, elementwise over both lists.
void update_ema(const std::vector<at::Tensor>& average, const std::vector<at::Tensor>& values, double decay);

}  // namespace patronus
