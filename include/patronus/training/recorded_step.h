#pragma once
#include <functional>
#include <optional>

#include "patronus/core/recorded_work.h"
#include "patronus/training/training_step.h"

namespace patronus {

/// The same training step on one batch after another. On a GPU, where it is some thousand launches, it is
/// recorded after a few batches and replayed on tensors that stay (RecordedWork). The numbers are the same;
/// what is random in it goes on from the default generator's seed.
class RecordedStep {
 public:
  /// Changes tensors that stay where they are, and gives scalars. It must not wait for the device where it is
  /// recorded, and what it is told beside the batch must lie in tensors.
  using Step = std::function<StepResult(const TrainingBatch&)>;

  /// `records`: whether to record at all.
  RecordedStep(Step step, bool records) : step_(std::move(step)), records_(records) {}

  RecordedStep(const RecordedStep&) = delete;
  RecordedStep& operator=(const RecordedStep&) = delete;

  StepResult operator()(const TrainingBatch& batch);

 private:
  StepResult replay(const TrainingBatch& batch);

  Step step_;
  bool records_;
  int64_t batches_ = 0;  // of the same shape, one after the other
  TrainingBatch batch_;  // the recorded work's own, like the result
  StepResult result_;
  std::optional<RecordedWork> work_;
};

}  // namespace patronus
