#pragma once
#include <ATen/core/Tensor.h>

#include <cstdint>
#include <optional>

#include "patronus/core/device.h"
#include "patronus/core/recorded_work.h"
#include "patronus/models/unet.h"

namespace patronus {

/// Rows that a batch of `rows` is filled up to: a quarter more at most, so that few numbers occur, and its
/// own up to 8.
int64_t filled_rows(int64_t rows);

/// The network's output for x [B, C, S, S]: float32, like x.
at::Tensor network_output(UNet unet, const at::Tensor& x, const Embeddings& embeddings, Precision precision);

/// The same for one batch after another, recorded (RecordedWork) once some have come in a row that are filled
/// up to the same number of rows. A smaller batch at the end, or one of a selection of images, then seldom
/// needs a recording of its own, nor cuDNN's search for algorithms.
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
  int64_t batches_ = 0;  // filled up to the same number of rows, one after the other
  // The recorded work's own, with the rows that batches are filled up to, and what it was recorded for.
  at::Tensor x_, output_;
  Embeddings embeddings_;
  Precision precision_ = Precision::kFloat32;
  std::optional<RecordedWork> work_;
};

}  // namespace patronus
