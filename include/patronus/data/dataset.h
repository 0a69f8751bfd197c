#pragma once
#include <ATen/core/Tensor.h>
#include <c10/core/Device.h>

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "patronus/data/attribute_table.h"
#include "patronus/data/data_config.h"
#include "patronus/data/data_report.h"
#include "patronus/data/original_image.h"

namespace patronus {

struct DividedImages;

/// Images of a data set, decoded and resized, in a memory-mapped cache, or on a GPU.
class Dataset {
 public:
  int64_t size() const { return std::ssize(files_); }
  /// Images at `indices` (int64 [B]) as float32 [B, C, H, W] in [-1, 1] (bicubic overshoot is kept), where
  /// the pixels lie.
  at::Tensor images(const at::Tensor& indices) const;
  /// Images first, first + 1, ... (count of them, fewer at the end).
  at::Tensor slice(int64_t first, int64_t count) const;
  /// Name of an image: its path below the data folder, or "<split>-00012" where images have no file.
  const std::string& file(int64_t index) const { return files_[index]; }
  const AttributeTable& attributes() const { return attributes_; }
  /// The images at `indices` (int64 [n]) in this order; their pixels are not copied.
  Dataset subset(const at::Tensor& indices) const;
  /// The same images with their pixels on `device`.
  Dataset on(at::Device device) const;
  /// Of the pixels as they are stored.
  int64_t bytes() const { return pixels_.nbytes(); }
  /// Whether some image had another size and was resized.
  bool resized() const { return pixels_.scalar_type() == at::kShort; }
  /// Stands for the names, all pixels and the attributes of the images.
  uint64_t fingerprint() const;

 private:
  friend class DataListing;
  at::Tensor rows_at(const at::Tensor& indices) const;

  at::Tensor pixels_;  // uint8 or int16 [M, C, H, W], memory-mapped or on a GPU
  at::Tensor rows_;    // int64 [N], of the images in pixels_, where these lie
  std::vector<std::string> files_;
  AttributeTable attributes_;
};

/// A data set as it lies on the disk: listed and described, not decoded. Of the layouts that it knows
/// docs/data.md is the reference.
class DataListing {
 public:
  /// Lists the data set, and says in the log, once in a process, what was found and what was left out.
  /// DataError for missing, damaged or contradictory files; ConfigError for attributes that there are not.
  explicit DataListing(const DataConfig& config);

  /// What was found and what was left out. Once a split was opened, its images that cannot be decoded are no
  /// longer counted among the former, but among the latter.
  const DataReport& report() const { return report_; }
  /// Images of a split, as listed.
  int64_t size(Split split) const;
  /// Name of image i of a split, as Dataset::file gives it.
  const std::string& file(Split split, int64_t index) const;
  /// Opens a split, decoding it into the cache first when it is not there yet. DataError when it is empty,
  /// and for images that cannot be decoded. Once both are open, test images that are copies of training
  /// images are counted in the report, with a warning.
  Dataset open(Split split);
  /// The images of a split that was opened, but for those that cannot be decoded.
  struct Opened {
    std::vector<OriginalImage> originals;
    std::vector<std::string> files;
  };
  /// Every split that was opened.
  const std::map<Split, Opened>& opened() const { return opened_; }

 private:
  friend Dataset open_folder(const std::string&, const DataConfig&);
  DataListing(const DataConfig& config, DividedImages divided);

  void note_copies();

  DataConfig config_;
  std::shared_ptr<const DividedImages> divided_;
  DataReport report_;
  std::map<Split, Opened> opened_;
};

/// One split of a data set, for those who need no other: DataListing(config).open(split).
Dataset open_dataset(const DataConfig& config, Split split);

/// The pictures of a folder, each in its own size.
struct FolderPictures {
  int64_t count;
  std::function<at::Tensor(int64_t)> read;  // picture i as uint8 [3, H, W]; DataError when it is damaged
};

/// All pictures of a folder, whatever splits and classes its folders stand for; says in the log what was
/// found and what was left out.
FolderPictures list_pictures(const std::string& folder);

/// All images of a folder, whatever splits and classes its folders stand for, prepared as `like` says.
Dataset open_folder(const std::string& folder, const DataConfig& like);

}  // namespace patronus
