#pragma once
#include <ATen/core/Tensor.h>

#include <cstdint>
#include <filesystem>
#include <fstream>
#include <string>

namespace patronus {

/// Writes a TensorBoard event file to a folder. Each record is complete when its call returns, so that the
/// file can be viewed while it grows. Each writer starts a new file; TensorBoard joins the files of a folder.
class TensorBoardWriter {
 public:
  /// `first_step`: first step to be written, 0 for a new run; TensorBoard then ignores earlier files from
  /// that step on. This and all members throw Error naming the file if it cannot be written.
  TensorBoardWriter(const std::filesystem::path& folder, int64_t first_step);

  void scalar(const std::string& tag, double value, int64_t step);
  /// Writes an image, `pixels`: uint8 [1 or 3, H, W].
  void image(const std::string& tag, const at::Tensor& pixels, int64_t step);
  /// Writes text, shown as Markdown.
  void text(const std::string& tag, const std::string& value, int64_t step);
  void flush();
  /// Makes everything written so far durable.
  void make_durable();

 private:
  void write_record(const std::string& event);
  void check_written();
  void write_value(const std::string& value, int64_t step);

  std::filesystem::path path_;
  std::ofstream file_;
};

}  // namespace patronus
