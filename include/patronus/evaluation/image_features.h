#pragma once
#include <ATen/core/Tensor.h>
#include <c10/core/Device.h>

#include <cstdint>
#include <functional>
#include <optional>
#include <string>

namespace patronus {

/// Turns pictures into vectors in which sets of pictures are compared.
struct ImageFeatures {
  // uint8 [B, 1 or 3, H, W] on any device to float32 [B, D] on the CPU.
  std::function<at::Tensor(const at::Tensor& pixels)> of;
  int64_t dimensions = 0;  // D
  std::string protocol;    // what exactly they are: file and its hash, dimensions, resizing
  // Whether the Fréchet distance of these features is the FID: Inception's 2048 with weights from a file.
  bool is_fid = false;
};

/// The features that a specification names:
/// - `inception:FILE`, or FILE.pth alone: pytorch-fid's network (models/inception.h), its weights read from
/// FILE;
///   `dimensions` 64, 192, 768 or 2048;
/// - `encoder:FILE`: a checkpoint's convolution stack, the mean of each channel over the image, which is
///   prepared as in that checkpoint's training;
/// - `random`: the same of a fixed stack with random weights, on images of 32 x 32.
/// ConfigError for anything else, and for `dimensions` that the network does not have; the default is
/// Inception's 2048, or all that the others have.
ImageFeatures image_features(const std::string& specification, std::optional<int64_t> dimensions,
                             at::Device device);

}  // namespace patronus
