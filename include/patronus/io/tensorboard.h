#pragma once
#include <ATen/core/Tensor.h>

#include <cstdint>
#include <filesystem>
#include <fstream>
#include <string>

namespace patronus {

/// Writes a TensorBoard event file into a folder. A record is complete when its call returns, so the file can
/// be looked at while it grows. Every writer begins a new file; TensorBoard joins the files of a folder.
class TensorBoardWriter {
 public:
  /// A run that continues gives the first step it will write, a new one 0: TensorBoard then forgets what
  /// earlier files say from that step on. An Error names the file when it cannot be written, here and below.
  TensorBoardWriter(const std::filesystem::path& folder, int64_t first_step);

  void scalar(const std::string& tag, double value, int64_t step);
  /// `pixels`: uint8 [1 or 3, H, W].
  void image(const std::string& tag, const at::Tensor& pixels, int64_t step);
  /// Shown as Markdown.
  void text(const std::string& tag, const std::string& value, int64_t step);
  void flush();
  /// Makes all that was written durable.
  void make_durable();

 private:
  void write_record(const std::string& event);
  void check_written();
  void write_value(const std::string& value, int64_t step);

  std::filesystem::path path_;
  std::ofstream file_;
};

}  // namespace patronus
