#include <ATen/Functions.h>
#include <ATen/TensorOperators.h>

#include <cstring>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "data/listed_images.h"
#include "patronus/core/error.h"
#include "patronus/interop/pickle_file.h"
#include "patronus/io/atomic_file.h"

namespace patronus {
namespace {

namespace fs = std::filesystem;

constexpr int64_t kSide = 32, kPixelBytes = 3 * kSide * kSide;
constexpr int64_t kRecordBytes = 1 + kPixelBytes;
constexpr int64_t kClasses = 10;

/// Folder and version of a copy of CIFAR-10.
struct CifarFiles {
  fs::path folder;
  bool binary;  // false: Python's pickle files

  fs::path file(const std::string& name) const { return folder / (name + (binary ? ".bin" : "")); }
};

/// Reads records of one label byte and 3072 bytes of planar RGB.
LabelledPixels read_binary_batch(const fs::path& path) {
  const std::string bytes = read_file(path);
  const int64_t count = std::ssize(bytes);
  if (count == 0 || count % kRecordBytes != 0) {
    throw DataError(path.string() + ": " + std::to_string(count) + " bytes; expected whole records of " +
                    std::to_string(kRecordBytes) +
                    " bytes; the file is truncated or not CIFAR-10 binary, fetch it again");
  }
  const auto records = at::empty({count / kRecordBytes, kRecordBytes}, at::kByte);
  std::memcpy(records.mutable_data_ptr(), bytes.data(), bytes.size());
  return {records.narrow(1, 1, kPixelBytes), records.select(1, 0).to(at::kLong)};
}

/// Reads a dict with "data" (uint8 [N, 3072]) and "labels" (N integers).
LabelledPixels read_pickled_batch(const fs::path& path) {
  const Dict batch = read_pickle_file(path);
  return with_context(path.string(), [&]() -> LabelledPixels {
    const auto& pixels = batch.at("data").tensor();
    std::vector<int64_t> labels;
    for (const auto& label : batch.at("labels").list()) labels.push_back(label.integer());
    const bool fits = pixels.scalar_type() == at::kByte && pixels.dim() == 2 &&
                      pixels.size(1) == kPixelBytes && pixels.size(0) == std::ssize(labels);
    if (!fits) throw DataError("data and labels do not fit; expected a batch of CIFAR-10");
    return {pixels, at::tensor(labels, at::kLong)};
  });
}

/// Reads and concatenates those of the batches `names` that exist; undefined if none does.
LabelledPixels read_batches(const CifarFiles& files, const std::vector<std::string>& names,
                            LeftOutList& left_out) {
  std::vector<at::Tensor> pixels, labels;
  for (const auto& name : names) {
    const fs::path path = files.file(name);
    if (!fs::exists(path)) {
      left_out.add("batches that are not there", path.filename().string());
      continue;
    }
    const LabelledPixels batch = files.binary ? read_binary_batch(path) : read_pickled_batch(path);
    check_labels(path, batch.labels, kClasses, "CIFAR-10");
    pixels.push_back(batch.pixels);
    labels.push_back(batch.labels);
  }
  if (pixels.empty()) return {};
  return {at::cat(pixels).view({-1, 3, kSide, kSide}), at::cat(labels)};
}

/// Finds the binary or the Python version in the data folder, or in the subfolder that unpacking creates.
std::optional<CifarFiles> cifar_files_in(const fs::path& root) {
  std::vector<std::string> names;
  for (const std::string folder : {"", "cifar-10-batches-bin/", "cifar-10-batches-py/"}) {
    for (const char* ending : {".bin", ""}) {
      for (const char* batch :
           {"data_batch_1", "data_batch_2", "data_batch_3", "data_batch_4", "data_batch_5", "test_batch"})
        names.push_back(folder + batch + ending);
    }
  }
  const auto found = first_existing(root, names);
  if (!found) return std::nullopt;
  return CifarFiles{found->parent_path(), found->extension() == ".bin"};
}

}  // namespace

bool is_cifar10(const fs::path& folder) {
  return cifar_files_in(folder).has_value();
}

ListedImages list_cifar10(const DataConfig& config) {
  const auto root = data_folder(config, "data_batch_1 ... data_batch_5 and test_batch of CIFAR-10");
  const auto files = cifar_files_in(root);
  if (!files) fail_missing(root / "data_batch_1.bin", "the binary or the Python version of CIFAR-10");
  LeftOutList left_out;
  const auto train = read_batches(
      *files, {"data_batch_1", "data_batch_2", "data_batch_3", "data_batch_4", "data_batch_5"}, left_out);
  const auto test = read_batches(*files, {"test_batch"}, left_out);
  ListedImages images = listed_in_memory(
      train, test,
      {"airplane", "automobile", "bird", "cat", "deer", "dog", "frog", "horse", "ship", "truck"});
  images.left_out = left_out;
  return images;
}

}  // namespace patronus
