#include "patronus/training/recorded_step.h"

namespace patronus {
namespace {

constexpr int64_t kBatchesBefore = 3;  // warm-up: algorithms, workspaces, handles

/// A copy that the next replay does not overwrite.
StepResult copied(const StepResult& result) {
  const auto copy = [](const at::Tensor& scalar) { return scalar.clone(); };
  return {.losses = map_losses(result.losses, copy), .gradient_norm = copy(result.gradient_norm)};
}

}  // namespace

StepResult RecordedStep::operator()(const TrainingBatch& batch) {
  if (!records_) return step_(batch);
  if (batch_.x0.defined() && !batch.x0.sizes().equals(batch_.x0.sizes())) {
    work_.reset();
    batches_ = 0;
  }
  if (batches_ == 0) batch_ = {batch.x0.clone(), batch.t.clone(), batch.noise.clone()};
  if (!work_ && batches_++ == kBatchesBefore) {
    work_ = RecordedWork::record(batch_.x0.device(), [this] { result_ = step_(batch_); });
  }
  return work_ ? replay(batch) : step_(batch);
}

StepResult RecordedStep::replay(const TrainingBatch& batch) {
  batch_.x0.copy_(batch.x0);
  batch_.t.copy_(batch.t);
  batch_.noise.copy_(batch.noise);
  work_->replay();
  return copied(result_);
}

}  // namespace patronus
