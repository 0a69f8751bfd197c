#pragma once
#include <functional>
#include <optional>
#include <vector>

#include "patronus/core/recorded_work.h"
#include "patronus/training/training_step.h"

namespace patronus {

/// Losses of one batch after another and the gradients of the same parameters. On a GPU, where a step is some
/// thousand launches, they are recorded after a few batches and replayed on tensors that stay (RecordedWork).
/// The numbers are the same; what is random in it goes on from the default generator's seed.
class RecordedBackpropagation {
 public:
  /// Gives the losses of a batch and leaves the derivatives in the gradients of the parameters, which are
  /// undefined before. It must not wait for the device where it is recorded.
  using Backpropagate = std::function<Losses(const TrainingBatch&)>;

  /// `records`: whether to record at all.
  RecordedBackpropagation(Backpropagate backpropagate, std::vector<at::Tensor> parameters, bool records)
      : backpropagate_(std::move(backpropagate)), parameters_(std::move(parameters)), records_(records) {}

  RecordedBackpropagation(const RecordedBackpropagation&) = delete;
  RecordedBackpropagation& operator=(const RecordedBackpropagation&) = delete;

  /// The losses of a batch, whose derivatives are then in the gradients of the parameters, as undefined
  /// before.
  Losses operator()(const TrainingBatch& batch);

 private:
  void record();
  Losses replay(const TrainingBatch& batch);

  Backpropagate backpropagate_;
  std::vector<at::Tensor> parameters_;
  bool records_;
  int64_t batches_ = 0;  // of the same shape, one after the other
  TrainingBatch batch_;  // the recorded work's own
  Losses losses_;
  std::vector<at::Tensor> gradients_;
  std::optional<RecordedWork> work_;
};

}  // namespace patronus
