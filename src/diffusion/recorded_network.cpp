#include "diffusion/recorded_network.h"

#include <ATen/Functions.h>

#include <algorithm>
#include <bit>

namespace patronus {
namespace {

/// Zeros shaped like `tensor`, but with `rows` rows.
at::Tensor zero_rows(const at::Tensor& tensor, int64_t rows) {
  auto shape = tensor.sizes().vec();
  shape.front() = rows;
  return at::empty(shape, tensor.options(), tensor.suggest_memory_format()).zero_();
}

}  // namespace

int64_t padded_batch_size(int64_t rows) {
  const auto power = static_cast<int64_t>(std::bit_ceil(static_cast<uint64_t>(rows)));
  const int64_t part = std::max<int64_t>(1, power / 8);
  return (rows + part - 1) / part * part;
}

at::Tensor network_output(UNet unet, const at::Tensor& x, const Embeddings& embeddings, Precision precision) {
  const PrecisionGuard guard(x.device().type(), precision);
  return unet->denoise(x, embeddings).to(at::kFloat);
}

at::Tensor RecordedNetwork::operator()(const at::Tensor& x, const Embeddings& embeddings,
                                       Precision precision) {
  constexpr int64_t kBatchesBefore = 2;  // warm-up batches before recording
  if (!takes(x, precision)) start_again(x, embeddings, precision);
  const int64_t rows = x.size(0);
  x_.narrow(0, 0, rows).copy_(x);
  embeddings_.time.copy_(embeddings.time);
  if (embeddings.condition.defined()) embeddings_.condition.narrow(0, 0, rows).copy_(embeddings.condition);
  const auto work = [this] { output_ = network_output(unet_, x_, embeddings_, precision_); };
  if (!work_ && batches_++ == kBatchesBefore) work_ = RecordedWork::record(x_.device(), work);
  work_ ? work_->replay() : work();
  return output_.narrow(0, 0, rows).clone();
}

bool RecordedNetwork::takes(const at::Tensor& x, Precision precision) const {
  return x_.defined() && x_.size(0) == padded_batch_size(x.size(0)) &&
         x_.sizes().slice(1).equals(x.sizes().slice(1)) && precision_ == precision;
}

void RecordedNetwork::start_again(const at::Tensor& x, const Embeddings& embeddings, Precision precision) {
  work_.reset();
  batches_ = 0;
  const int64_t rows = padded_batch_size(x.size(0));
  x_ = zero_rows(x, rows);
  embeddings_ = {
      .time = embeddings.time.clone(),
      .condition = embeddings.condition.defined() ? zero_rows(embeddings.condition, rows) : at::Tensor()};
  precision_ = precision;
}

}  // namespace patronus
