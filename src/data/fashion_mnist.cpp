#include <ATen/Functions.h>
#include <c10/util/StringUtil.h>
#include <zlib.h>

#include <cerrno>
#include <cstring>
#include <filesystem>
#include <iterator>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "data/listed_images.h"
#include "patronus/core/error.h"
#include "patronus/core/text.h"
#include "patronus/io/byte_reader.h"

namespace patronus {
namespace {

namespace fs = std::filesystem;

constexpr const char* kClassNames[] = {"T-shirt", "trouser", "pullover", "dress", "coat",
                                       "sandal",  "shirt",   "sneaker",  "bag",   "ankle boot"};
constexpr const char* kDigits[] = {"0", "1", "2", "3", "4", "5", "6", "7", "8", "9"};
constexpr uint32_t kIdxLabels = 0x00000801;  // unsigned bytes, one dimension
constexpr uint32_t kIdxImages = 0x00000803;  // unsigned bytes, three dimensions

/// Sizes of the dimensions in the header of an IDX file that begins with `content`.
std::vector<int64_t> idx_shape(const std::string& content, size_t dimensions) {
  std::vector<int64_t> shape;
  for (size_t i = 0; i < dimensions; ++i)
    shape.push_back(static_cast<int64_t>(load_unsigned(std::endian::big, content, 4 + 4 * i, 4)));
  return shape;
}

/// Length in bytes of an IDX file of this shape. A double, because the product of three unchecked 32-bit
/// sizes may overflow an integer.
double idx_bytes(const std::vector<int64_t>& shape) {
  double values = 1;
  for (const int64_t size : shape) values *= static_cast<double>(size);
  return static_cast<double>(4 + 4 * shape.size()) + values;
}

/// Reads a file, plain or gzip. Stops soon after the length that its IDX header announces: a longer file is
/// not an IDX file.
std::string read_unpacked(const fs::path& path, size_t dimensions) {
  const std::unique_ptr<gzFile_s, int (*)(gzFile)> file(gzopen(path.c_str(), "rb"), gzclose);
  if (!file) throw DataError(path.string() + ": cannot be opened: " + std::strerror(errno));
  std::string content;
  char block[1 << 16];
  const auto is_too_long = [&] {
    return content.size() >= 4 + 4 * dimensions &&
           static_cast<double>(content.size()) > idx_bytes(idx_shape(content, dimensions));
  };
  int count = 0;
  while (!is_too_long() && (count = gzread(file.get(), block, sizeof block)) > 0)
    content.append(block, static_cast<size_t>(count));
  int status = Z_OK;
  gzerror(file.get(), &status);
  if (count < 0 || status != Z_OK) {
    throw DataError(path.string() + ": truncated or damaged gzip data after " +
                    std::to_string(content.size()) + " unpacked bytes; fetch the file again");
  }
  return content;
}

/// Reads an IDX file of unsigned bytes: magic number, one big-endian size per dimension, values.
at::Tensor read_idx(const fs::path& path, uint32_t magic) {
  const size_t dimensions = magic & 0xFF, header = 4 + 4 * dimensions;
  const std::string content = read_unpacked(path, dimensions);
  if (content.size() < header) {
    throw DataError(path.string() + ": " + std::to_string(content.size()) +
                    " bytes are no IDX file; fetch it again");
  }
  if (const uint64_t found = load_unsigned(std::endian::big, content, 0, 4); found != magic) {
    throw DataError(path.string() + ": IDX magic number 0x" + hexadecimal(found, 8) + "; expected 0x" +
                    hexadecimal(magic, 8) + (magic == kIdxImages ? " (images)" : " (labels)"));
  }
  const auto shape = idx_shape(content, dimensions);
  const bool is_empty = content.size() == header;
  if (is_empty || static_cast<double>(content.size()) != idx_bytes(shape)) {
    throw DataError(path.string() + ": " + std::to_string(content.size() - header) +
                    " bytes of values; expected " + c10::Join(" x ", shape) +
                    " from its header; the file is truncated or damaged, fetch it again");
  }
  auto tensor = at::empty(shape, at::kByte);
  std::memcpy(tensor.mutable_data_ptr(), content.data() + header, content.size() - header);
  return tensor;
}

constexpr const char* kFashionFiles = "the four files of Fashion-MNIST, plain or .gz,";

/// `name` or `name`.gz; nothing if neither exists.
std::optional<fs::path> plain_or_packed(const fs::path& folder, const std::string& name) {
  const std::string names[] = {name, name + ".gz"};
  return first_existing(folder, names);
}

/// Reads the images and labels of one split; undefined if neither file exists.
LabelledPixels read_half(const fs::path& folder, const std::string& prefix, LeftOutList& left_out) {
  const std::string image_name = prefix + "-images-idx3-ubyte", label_name = prefix + "-labels-idx1-ubyte";
  const auto image_file = plain_or_packed(folder, image_name),
             label_file = plain_or_packed(folder, label_name);
  if (!image_file && !label_file) {
    left_out.add("files that are not there", image_name);
    return {};
  }
  if (!image_file) fail_missing(folder / image_name, kFashionFiles);
  if (!label_file) fail_missing(folder / label_name, kFashionFiles);
  const auto images = read_idx(*image_file, kIdxImages);
  const auto labels = read_idx(*label_file, kIdxLabels);
  if (images.size(0) != labels.size(0)) {
    throw DataError(label_file->string() + ": " + std::to_string(labels.size(0)) + " labels; expected " +
                    std::to_string(images.size(0)) + " as in " + image_file->filename().string());
  }
  check_labels(*label_file, labels, std::ssize(kClassNames), "of Fashion-MNIST");
  return {images.unsqueeze(1), labels};
}

/// The folder with the IDX files: `root`, or a folder `raw` that torchvision creates below it.
std::optional<fs::path> idx_folder(const fs::path& root) {
  for (const auto& place : {root, root / "raw", root / "FashionMNIST" / "raw", root / "MNIST" / "raw"}) {
    for (const char* name :
         {"train-images-idx3-ubyte", "train-labels-idx1-ubyte", "t10k-images-idx3-ubyte"}) {
      if (plain_or_packed(place, name)) return place;
    }
  }
  return std::nullopt;
}

/// Whether a split exists and begins with these published labels.
bool begins_with(const LabelledPixels& half, const std::vector<int64_t>& published) {
  const auto count = std::ssize(published);
  return half.labels.defined() && half.labels.size(0) >= count &&
         half.labels.slice(0, 0, count).to(at::kLong).equal(at::tensor(published, at::kLong));
}

/// Names of the classes. MNIST's files have the same names as Fashion-MNIST's and are recognised by their
/// labels. Adds a remark unless the labels are those of Fashion-MNIST.
std::vector<std::string> class_names(const LabelledPixels& train, const LabelledPixels& test,
                                     std::vector<std::string>& remarks) {
  const bool digits =
      begins_with(train, {5, 0, 4, 1, 9, 2, 1, 3, 1, 4}) || begins_with(test, {7, 2, 1, 0, 4, 1, 4, 9, 5, 9});
  const bool clothes =
      begins_with(train, {9, 0, 0, 3, 0, 2, 7, 2, 5, 5}) || begins_with(test, {9, 2, 1, 1, 6, 1, 4, 6, 5, 7});
  if (digits) remarks.emplace_back("the labels are those of MNIST's digits");
  if (!digits && !clothes)
    remarks.emplace_back(
        "classes are called as those of Fashion-MNIST, though the labels are others than the published ones");
  return digits ? std::vector<std::string>(std::begin(kDigits), std::end(kDigits))
                : std::vector<std::string>(std::begin(kClassNames), std::end(kClassNames));
}

}  // namespace

bool is_fashion_mnist(const fs::path& folder) {
  return idx_folder(folder).has_value();
}

ListedImages list_fashion_mnist(const DataConfig& config) {
  const auto root =
      data_folder(config, "train-images-idx3-ubyte.gz and the other three files of Fashion-MNIST");
  const auto folder = idx_folder(root);
  if (!folder) fail_missing(root / "train-images-idx3-ubyte", kFashionFiles);
  LeftOutList left_out;
  std::vector<std::string> remarks;
  const auto train = read_half(*folder, "train", left_out), test = read_half(*folder, "t10k", left_out);
  ListedImages images = listed_in_memory(train, test, class_names(train, test, remarks));
  images.remarks = remarks;
  images.left_out = left_out;
  return images;
}

}  // namespace patronus
