#include "patronus/data/loader.h"

#include <ATen/Functions.h>

#include <algorithm>

#include "patronus/core/random.h"

namespace patronus {

BatchOrder::BatchOrder(int64_t images, int64_t batch_size, uint64_t seed)
    : images_(images),
      batch_size_(batch_size),
      seed_(seed),
      batches_per_epoch_(std::max<int64_t>(images / std::max<int64_t>(batch_size, 1), 1)) {
  TORCH_CHECK(images > 0 && batch_size > 0, "batches of ", batch_size, " from ", images, " images");
}

at::Tensor BatchOrder::batch_indices(int64_t step) {
  const int64_t epoch = step / batches_per_epoch_;
  if (epoch != epoch_) {
    order_ = random_permutation(images_, derive_seed(seed_, "shuffle", static_cast<uint64_t>(epoch)));
    if (images_ < batch_size_) order_ = order_.repeat({(batch_size_ + images_ - 1) / images_});
    epoch_ = epoch;
  }
  return order_.narrow(0, step % batches_per_epoch_ * batch_size_, batch_size_).clone();
}

}  // namespace patronus
