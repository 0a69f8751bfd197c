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

/// Decoded and resized images of a data set, in a memory-mapped cache or on a GPU.
class Dataset {
 public:
  int64_t size() const { return std::ssize(files_); }
  /// Images at `indices` (int64 [B]) as float32 [B, C, H, W] in [-1, 1] (bicubic overshoot is kept), on the
  /// device of the stored pixels.
  at::Tensor images(const at::Tensor& indices) const;
  /// Images first .. first + count - 1; fewer at the end of the data set.
  at::Tensor slice(int64_t first, int64_t count) const;
  /// Name of an image: its path below the data folder, or "<split>-00012" where images have no file.
  const std::string& file(int64_t index) const { return files_[index]; }
  /// What an image was before preprocessing, upright where its EXIF data turn it.
  const OriginalImage& original(int64_t index) const { return originals_[index]; }
  const AttributeTable& attributes() const { return attributes_; }
  /// The images at `indices` (int64 [n]) in this order; their pixels are not copied.
  Dataset subset(const at::Tensor& indices) const;
  /// The same images with their pixels on `device`.
  Dataset on(at::Device device) const;
  /// Size of the stored pixels in bytes.
  int64_t bytes() const { return pixels_.nbytes(); }
  /// Whether some image had another size and was resized.
  bool resized() const { return pixels_.scalar_type() == at::kShort; }
  /// Hash of the names, pixels and attributes of all images.
  uint64_t fingerprint() const;

 private:
  friend class DataListing;
  at::Tensor rows_at(const at::Tensor& indices) const;

  at::Tensor pixels_;  // uint8 or int16 [M, C, H, W], memory-mapped or on a GPU
  at::Tensor rows_;    // int64 [N], indices into pixels_, on the same device
  std::vector<std::string> files_;
  std::vector<OriginalImage> originals_;
  AttributeTable attributes_;
};

/// A data set on disk: listed and described, but not decoded. docs/data.md is the reference for the layouts.
class DataListing {
 public:
  /// Lists the data set and logs, once per process, what was found and what was left out. Throws DataError
  /// for missing, damaged or contradictory files; ConfigError for unknown attributes.
  explicit DataListing(const DataConfig& config);

  /// What was found and what was left out. Opening a split moves its images that cannot be decoded from the
  /// former to the latter.
  const DataReport& report() const { return report_; }
  /// Number of listed images of a split.
  int64_t size(Split split) const;
  /// Name of an image of a split, as Dataset::file returns it.
  const std::string& file(Split split, int64_t index) const;
  /// Hash of the attributes of all listed images and their values.
  uint64_t attributes_hash() const;
  /// Opens a split; decodes it into the cache first if necessary. Throws DataError if it is empty or has
  /// images that cannot be decoded. When both splits are open, test images that copy training images are
  /// counted in the report, with a warning.
  Dataset open(Split split);
  /// Images of an opened split, without those that cannot be decoded.
  struct Opened {
    std::vector<OriginalImage> originals;
    std::vector<std::string> files;
  };
  /// All splits opened so far.
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

/// Lists and describes a data set as DataListing does, without logging.
DataReport describe_data(const DataConfig& config);

/// Opens one split of a data set: DataListing(config).open(split).
Dataset open_dataset(const DataConfig& config, Split split);

/// Pictures of a folder, each in its original size.
struct FolderPictures {
  int64_t count;
  std::function<at::Tensor(int64_t)> read;  // picture i as uint8 [3, H, W]; throws DataError if damaged
};

/// Lists all pictures of a folder, regardless of splits and classes; logs what was found and what was left
/// out.
FolderPictures list_pictures(const std::string& folder);

/// Opens all images of a folder, regardless of splits and classes, preprocessed as in `like`.
Dataset open_folder(const std::string& folder, const DataConfig& like);

}  // namespace patronus
