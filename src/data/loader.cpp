#include "patronus/data/loader.h"

#include <ATen/Functions.h>

#include <algorithm>
#include <utility>

#include "patronus/core/random.h"

namespace patronus {

BatchOrder::BatchOrder(int64_t images, int64_t batch_size, uint64_t seed, std::vector<at::Tensor> groups)
    : images_(images),
      batch_size_(batch_size),
      seed_(seed),
      groups_(std::move(groups)),
      batches_per_epoch_(std::max<int64_t>(images / std::max<int64_t>(batch_size, 1), 1)) {
  TORCH_CHECK(images > 0 && batch_size > 0, "batches of ", batch_size, " from ", images, " images");
  for (const auto& group : groups_) TORCH_CHECK(group.numel() > 0, "a group without images");
}

at::Tensor BatchOrder::order_of(int64_t epoch) const {
  const auto shuffled =
      random_permutation(images_, derive_seed(seed_, "shuffle", static_cast<uint64_t>(epoch)));
  if (groups_.empty()) return shuffled;
  const int64_t groups = std::ssize(groups_);
  std::vector<at::Tensor> drawn;
  for (int64_t g = 0; g < groups; ++g) {
    const at::Tensor& group = groups_[static_cast<size_t>(g)];
    const int64_t size = group.size(0), extra = (g + epoch) % groups < images_ % groups ? 1 : 0;
    const int64_t count = images_ / groups + extra;
    const auto order =
        random_permutation(size, derive_seed(seed_, "group", static_cast<uint64_t>(epoch * groups + g)));
    drawn.push_back(group.index_select(0, order.repeat({(count + size - 1) / size}).narrow(0, 0, count)));
  }
  return at::cat(drawn).index_select(0, shuffled);
}

at::Tensor BatchOrder::batch_indices(int64_t step) {
  const int64_t epoch = step / batches_per_epoch_;
  if (epoch != epoch_) {
    order_ = order_of(epoch);
    if (images_ < batch_size_) order_ = order_.repeat({(batch_size_ + images_ - 1) / images_});
    epoch_ = epoch;
  }
  return order_.narrow(0, step % batches_per_epoch_ * batch_size_, batch_size_).clone();
}

}  // namespace patronus
