#pragma once
#include <ATen/core/Tensor.h>

#include <cstdint>
#include <vector>

namespace patronus {

/// Shuffled order of the training images. Batch `step` depends only on (seed, step), so that a resumed run
/// continues with exactly the batches of an uninterrupted one. All batches have the same size: the remainder
/// of an epoch is dropped (different images each time), and a data set smaller than one batch fills it by
/// repetition.
///
/// With `groups` (int64 [n] each, indices of images, n > 0), an epoch has as many images as without, but as
/// many of each group, or one more. Within a group each image comes as often in an epoch as any other, or
/// once more; which ones are drawn anew every time. Images in no group do not come.
class BatchOrder {
 public:
  BatchOrder(int64_t images, int64_t batch_size, uint64_t seed, std::vector<at::Tensor> groups = {});

  int64_t batches_per_epoch() const { return batches_per_epoch_; }
  /// Indices of the images of batch `step` = 0, 1, ...: int64 [batch_size]. Fast for ascending steps, as the
  /// order of one epoch is cached.
  at::Tensor batch_indices(int64_t step);

 private:
  at::Tensor order_of(int64_t epoch) const;

  int64_t images_;
  int64_t batch_size_;
  uint64_t seed_;
  std::vector<at::Tensor> groups_;
  int64_t batches_per_epoch_;
  int64_t epoch_ = -1;  // epoch of order_
  at::Tensor order_;
};

}  // namespace patronus
