#pragma once
#include <ATen/core/Tensor.h>
#include <c10/core/Device.h>

#include <cstdint>
#include <functional>
#include <string>

namespace patronus {

/// Turns pictures into vectors in which sets of pictures are compared.
struct ImageFeatures {
  // uint8 [B, 1 or 3, H, W] on any device to float32 [B, D] on the CPU.
  std::function<at::Tensor(const at::Tensor& pixels)> of;
  int64_t dimensions = 0;  // D
  std::string name;        // "inception", "encoder" or "random"
  std::string protocol;    // what exactly they are: file and its hash, dimensions, resizing
  // Whether the Fréchet distance of these features is the FID: Inception's 2048 with weights from a file.
  bool is_fid = false;
};

/// By their specification:
/// - `inception:FILE`, or FILE.pth alone: pytorch-fid's network (models/inception.h), its weights read from
/// FILE;
///   `dimensions` 64, 192, 768 or 2048;
/// - `encoder:FILE`: a checkpoint's convolution stack, the mean of each channel over the image;
/// - `random`: the same of a fixed stack with random weights.
/// ConfigError for anything else, and for `dimensions` that the network does not have.
ImageFeatures image_features(const std::string& specification, int64_t dimensions, at::Device device);

}  // namespace patronus
