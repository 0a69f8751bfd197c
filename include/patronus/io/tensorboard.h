#pragma once
#include <ATen/core/Tensor.h>

#include <cstdint>
#include <filesystem>
#include <memory>
#include <string>

namespace patronus {

/// Writes a TensorBoard event file into a folder.
class TensorBoardWriter {
 public:
  explicit TensorBoardWriter(const std::filesystem::path& folder);
  ~TensorBoardWriter();

  void scalar(const std::string& tag, double value, int64_t step);
  /// `pixels`: uint8 [1 or 3, H, W].
  void image(const std::string& tag, const at::Tensor& pixels, int64_t step);
  void text(const std::string& tag, const std::string& value, int64_t step);
  void flush();

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace patronus
