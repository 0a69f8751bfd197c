#pragma once
#include <ATen/core/Tensor.h>

#include <vector>

#include "patronus/run/run_config.h"
#include "patronus/training/adamw.h"
#include "patronus/training/muon.h"
#include "patronus/training/recorded_step.h"
#include "patronus/training/training_step.h"

namespace patronus {

/// A model's weights in training, and what every step does to them whatever the model is: AdamW, or Muon and
/// AdamW, under a learning-rate schedule and a limit on the gradients, and the moving average of the weights
/// (EMA). Without EMA the average is the weights themselves.
class Optimization {
 public:
  /// The losses of a batch, without the graph that they were computed by. It is called without gradients, and
  /// leaves those of every parameter.
  using Backpropagate = std::function<Losses(const TrainingBatch&)>;

  /// `groups`: all parameters of the model in training. `model`: all its tensors (module_state.h), `average`:
  /// those of a model like it, in which the average is kept. The learning rate is laid out for `total_steps`.
  /// `records`: whether `backpropagate` and what the optimisers do then may be recorded (RecordedStep).
  Optimization(const OptimizationConfig& config, int64_t total_steps, const ParameterGroups& groups,
               NamedTensors model, NamedTensors average, Backpropagate backpropagate, bool records);

  StepResult step(const TrainingBatch& batch);

  /// Steps done.
  int64_t steps() const { return steps_; }
  /// The learning rate of the next step.
  double learning_rate() const;
  /// Whether every parameter is finite; waits for the device.
  bool weights_are_finite() const;
  /// The parameters, for their gradients.
  const std::vector<at::Tensor>& parameters() const { return parameters_; }

  const NamedTensors& model() const { return model_; }
  /// The moving average; empty without EMA.
  NamedTensors ema() const { return config_.ema_decay > 0 ? ema_ : NamedTensors{}; }
  /// FusedAdamW::state(), and under "momentum" Muon's where it trains something.
  Dict optimizer() const;

  /// Begins with these weights; ConfigError when they do not fit.
  void load_weights(const NamedTensors& model, const NamedTensors& ema = {});
  /// Goes on after `steps` steps from the state that `model`, `ema` and `optimizer` gave then. An empty
  /// `optimizer` leaves the optimisers as they are. ConfigError when the weights do not fit.
  void restore(int64_t steps, const NamedTensors& model, const NamedTensors& ema, const Dict& optimizer);

 private:
  OptimizationConfig config_;
  int64_t total_steps_;
  int64_t steps_ = 0;
  NamedTensors trained_;  // what the optimisers change
  FusedAdamW adamw_;
  Muon muon_;
  RecordedStep update_;  // of the parameters, by a batch
  NamedTensors model_;
  NamedTensors ema_;
  // The same tensors, in the same order: what training changes, and what it does not.
  std::vector<at::Tensor> parameters_, ema_parameters_;
  std::vector<at::Tensor> constants_, ema_constants_;
};

/// The tensors of Optimization::optimizer(), in their order.
std::vector<at::Tensor> optimizer_tensors(const Dict& optimizer);

/// Length of a training in steps: max_steps, or epochs over so many examples.
int64_t total_steps(const OptimizationConfig& config, int64_t examples);

/// The learning rate of step `step` = 0, 1, ... of a training that is `total_steps` long.
double learning_rate_at(const OptimizationConfig& config, int64_t step, int64_t total_steps);

/// Decay of the moving average of the weights after `step` = 1, 2, ... steps: `ema_decay`, but with a short
/// memory at first, so that the average does not drag the initial weights along.
double ema_decay_at(double ema_decay, int64_t step);

/// average <- decay * average + (1 - decay) * values, elementwise over both lists.
void update_ema(const std::vector<at::Tensor>& average, const std::vector<at::Tensor>& values, double decay);

}  // namespace patronus
