#pragma once
#include <ATen/core/Tensor.h>

#include <cstdint>
#include <optional>

#include "patronus/core/device.h"
#include "patronus/core/recorded_work.h"
#include "patronus/models/unet.h"

namespace patronus {

/// Number of rows to which a batch of `rows` is padded: at most a quarter more, and none up to 8 rows, so
/// that few distinct sizes occur.
int64_t padded_batch_size(int64_t rows);

/// Network output for x [B, C, S, S]: float32, shaped like x.
at::Tensor network_output(UNet unet, const at::Tensor& x, const Embeddings& embeddings, Precision precision);

/// Evaluates batches one after another, padded with padded_batch_size, and records the work (RecordedWork)
/// after several in a row of the same padded size. Padding saves a smaller last batch, or a batch of selected
/// images, a recording and a cuDNN algorithm search of its own.
class RecordedNetwork {
 public:
  explicit RecordedNetwork(UNet unet) : unet_(std::move(unet)) {}
  RecordedNetwork(const RecordedNetwork&) = delete;
  RecordedNetwork& operator=(const RecordedNetwork&) = delete;

  at::Tensor operator()(const at::Tensor& x, const Embeddings& embeddings, Precision precision);

 private:
  bool takes(const at::Tensor& x, Precision precision) const;
  void start_again(const at::Tensor& x, const Embeddings& embeddings, Precision precision);

  UNet unet_;
  int64_t batches_ = 0;  // consecutive batches of the same padded size
  // Buffers of the recorded work, at the padded size, and the precision it was recorded for.
  at::Tensor x_, output_;
  Embeddings embeddings_;
  Precision precision_ = Precision::kFloat32;
  std::optional<RecordedWork> work_;
};

}  // namespace patronus
