#pragma once
#include <ATen/core/Tensor.h>

#include <cstdint>

namespace patronus {

/// The shuffled order in which training visits the images. Batch `step` depends on (seed, step) alone, so
/// that a resumed run continues with exactly the batches that the interrupted one would have seen. All
/// batches have the same size: what is left at the end of an epoch is dropped (another few images each time),
/// and a data set smaller than one batch fills it by repetition.
class BatchOrder {
 public:
  BatchOrder(int64_t images, int64_t batch_size, uint64_t seed);

  int64_t batches_per_epoch() const { return batches_per_epoch_; }
  /// Indices of the images of batch `step` = 0, 1, ...; int64 [batch_size]. Steps in ascending order are
  /// fast: the order of one epoch is kept.
  at::Tensor batch_indices(int64_t step);

 private:
  int64_t images_;
  int64_t batch_size_;
  uint64_t seed_;
  int64_t batches_per_epoch_;
  int64_t epoch_ = -1;  // of order_
  at::Tensor order_;
};

}  // namespace patronus
