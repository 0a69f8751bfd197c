#pragma once
#include <ATen/core/Tensor.h>
#include <c10/core/Device.h>

#include <cstdint>
#include <functional>
#include <optional>
#include <string>

namespace patronus {

/// Maps pictures to feature vectors for comparing sets of pictures.
struct ImageFeatures {
  // Maps uint8 [B, 1 or 3, H, W] on any device to float32 [B, D] on the CPU.
  std::function<at::Tensor(const at::Tensor& pixels)> extract;
  int64_t dimensions = 0;  // D
  std::string protocol;    // exact definition: file and its hash, dimensions, resizing
  // Whether their Fréchet distance is the FID: Inception's 2048 features with weights from a file.
  bool is_fid = false;
};

/// Creates the features named by a specification:
/// - `inception:FILE`, or just FILE.pth: pytorch-fid's network (models/inception.h) with weights from FILE;
///   `dimensions` 64, 192, 768 or 2048;
/// - `encoder:FILE`: channel means over the image of the convolution stack of a checkpoint, or of a run's
///   last one, on images preprocessed as in its training;
/// - `random`: the same with a fixed randomly initialised stack, on images of 32 x 32.
/// The default for `dimensions` is Inception's 2048, or all of the others. Throws ConfigError for anything
/// else and for `dimensions` that the network does not have.
ImageFeatures image_features(const std::string& specification, std::optional<int64_t> dimensions,
                             at::Device device);

}  // namespace patronus
