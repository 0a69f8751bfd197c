#include <ATen/Functions.h>

#include <filesystem>
#include <fstream>
#include <string>
#include <vector>

#include "data/image_source.h"
#include "patronus/core/error.h"

namespace patronus {
namespace {

namespace fs = std::filesystem;

constexpr int64_t kSide = 32, kPixelBytes = 3 * kSide * kSide;
constexpr int64_t kRecordBytes = 1 + kPixelBytes;

/// Records of one file: a label byte, then planar RGB. uint8 [N, 3073].
at::Tensor read_records(const fs::path& path) {
  const auto bytes = static_cast<int64_t>(fs::file_size(path));
  if (bytes == 0 || bytes % kRecordBytes != 0) {
    throw DataError(path.string() + ": " + std::to_string(bytes) + " bytes; expected whole records of " +
                    std::to_string(kRecordBytes) +
                    " bytes; the file is truncated or not CIFAR-10 binary, fetch it again");
  }
  auto records = at::empty({bytes / kRecordBytes, kRecordBytes}, at::kByte);
  std::ifstream file(path, std::ios::binary);
  if (!file.read(static_cast<char*>(records.mutable_data_ptr()), bytes)) {
    throw DataError(path.string() + ": cannot be read to its end");
  }
  const int64_t largest = records.select(1, 0).max().item<int64_t>();
  if (largest > 9) {
    throw DataError(path.string() + ": label " + std::to_string(largest) +
                    "; expected 0 to 9; the file is damaged or not CIFAR-10 binary");
  }
  return records;
}

/// The files of a split that are there.
std::vector<fs::path> batch_files(const fs::path& folder, Split split) {
  if (split == Split::kTest) return {folder / "test_batch.bin"};
  std::vector<fs::path> files;
  for (int i = 1; i <= 5; ++i) {
    const auto file = folder / ("data_batch_" + std::to_string(i) + ".bin");
    if (fs::exists(file)) files.push_back(file);
  }
  return files.empty() ? std::vector{folder / "data_batch_1.bin"} : files;
}

}  // namespace

ImageSource open_cifar10(const DataConfig& config, Split split) {
  const auto folder =
      data_folder(config, "data_batch_1.bin ... data_batch_5.bin and test_batch.bin of CIFAR-10");
  const auto files = batch_files(folder, split);
  std::vector<at::Tensor> batches;
  for (const auto& file : files) {
    if (!fs::exists(file)) {
      throw DataError(file.string() +
                      ": no such file; expected the binary version of CIFAR-10 in this folder (--data, "
                      "data.path)");
    }
    batches.push_back(read_records(file));
  }
  const auto records = at::cat(batches);
  const auto pixels = records.narrow(1, 1, kPixelBytes).reshape({-1, 3, kSide, kSide});
  ImageSource source = source_in_memory(pixels, records.select(1, 0), split);
  source.files = files;
  source.attributes.classes = {"airplane", "automobile", "bird",  "cat",  "deer",
                               "dog",      "frog",       "horse", "ship", "truck"};
  return source;
}

}  // namespace patronus
