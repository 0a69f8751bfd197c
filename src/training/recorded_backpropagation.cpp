#include "patronus/training/recorded_backpropagation.h"

namespace patronus {
namespace {

constexpr int64_t kBatchesBefore = 3;  // that set everything up: algorithms, work space, handles

template <class Change>
Losses changed(const Losses& losses, const Change& change) {
  const auto one = [&](const at::Tensor& loss) { return loss.defined() ? change(loss) : loss; };
  return {one(losses.total), one(losses.denoising), one(losses.distinct), one(losses.decorrelation)};
}

/// Without the graph that they were computed by: as long as that lives, no other can be recorded.
Losses detached(const Losses& losses) {
  return changed(losses, [](const at::Tensor& loss) { return loss.detach(); });
}

}  // namespace

Losses RecordedBackpropagation::operator()(const TrainingBatch& batch) {
  if (!records_) return detached(backpropagate_(batch));
  if (batch_.x0.defined() && !batch.x0.sizes().equals(batch_.x0.sizes())) {
    work_.reset();
    batches_ = 0;
  }
  if (batches_ == 0) batch_ = {batch.x0.clone(), batch.t.clone(), batch.noise.clone()};
  if (!work_ && batches_++ == kBatchesBefore) record();
  return work_ ? replay(batch) : detached(backpropagate_(batch));
}

void RecordedBackpropagation::record() {
  work_ = RecordedWork::record(batch_.x0.device(), [this] {
    for (auto& parameter : parameters_) parameter.mutable_grad().reset();
    losses_ = detached(backpropagate_(batch_));
    gradients_.clear();
    for (const auto& parameter : parameters_) gradients_.push_back(parameter.grad());
  });
  for (auto& parameter : parameters_) parameter.mutable_grad().reset();
}

Losses RecordedBackpropagation::replay(const TrainingBatch& batch) {
  batch_.x0.copy_(batch.x0);
  batch_.t.copy_(batch.t);
  batch_.noise.copy_(batch.noise);
  work_->replay();
  for (size_t i = 0; i < parameters_.size(); ++i) parameters_[i].mutable_grad() = gradients_[i];
  return changed(losses_, [](const at::Tensor& loss) { return loss.clone(); });
}

}  // namespace patronus
