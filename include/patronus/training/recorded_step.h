#pragma once
#include <functional>
#include <optional>

#include "patronus/core/recorded_work.h"
#include "patronus/training/training_step.h"

namespace patronus {

/// A training step applied to successive batches. On a GPU, where a step is thousands of launches, it is
/// recorded after a few batches and replayed on tensors at fixed addresses (RecordedWork). Results are the
/// same; random numbers continue from the default generator's seed.
class RecordedStep {
 public:
  /// Modifies tensors at fixed addresses and returns scalars. If recorded, it must not synchronise with the
  /// device, and all inputs other than the batch must be in tensors.
  using Step = std::function<StepResult(const TrainingBatch&)>;

  /// `records`: whether to record.
  RecordedStep(Step step, bool records) : step_(std::move(step)), records_(records) {}

  RecordedStep(const RecordedStep&) = delete;
  RecordedStep& operator=(const RecordedStep&) = delete;

  StepResult operator()(const TrainingBatch& batch);

 private:
  StepResult replay(const TrainingBatch& batch);

  Step step_;
  bool records_;
  int64_t batches_ = 0;  // number of successive batches of the same shape
  TrainingBatch batch_;  // input of the recorded work; `result_` is its output
  StepResult result_;
  std::optional<RecordedWork> work_;
};

}  // namespace patronus
