#pragma once
#include <ATen/core/Tensor.h>

#include <string>
#include <vector>

#include "patronus/core/describe.h"

namespace patronus {

/// The generated data set `faces`; YAML section `data.faces`.
struct FacesConfig {
  int64_t train_images = 8000;
  int64_t test_images = 2000;
  double correlation = 0;
  int64_t seed = 0;

  void describe(Fields& field) {
    field("train_images", train_images, "images in the training split", between(1, 10'000'000));
    field("test_images", test_images, "images in the test split", between(1, 10'000'000));
    field("correlation", correlation,
          "ties blond hair to smiling: 0 independent, 1 always together (paper 4.4)", between(0, 1));
    field("seed", seed, "seed of the drawings", between(0, 4294967295));
  }
};

/// Where images come from and how they become tensors; YAML section `data`.
struct DataConfig {
  std::string kind = "faces";
  std::string path;
  int64_t channels = 3;
  int64_t size = 32;
  std::string resize = "squash";
  std::string csv;
  double test_fraction = 0.1;
  std::string cache;
  bool skip_unreadable = false;
  FacesConfig faces;

  void describe(Fields& field) {
    field("kind", kind, "the data set's format",
          one_of({"faces", "fashion-mnist", "cifar10", "images", "celeba"}));
    field("path", path, "folder of the data set (not used by faces)");
    field("channels", channels, "1 gray or 3 RGB", one_of_numbers({1, 3}));
    field("size", size, "height and width in pixels", between(16, 1024));
    field("resize", resize, "how other shapes become square: squash each side, or crop the centre first",
          one_of({"squash", "crop"}));
    field("csv", csv, "kind images: CSV file with columns file, split (optional) and 0/1 attributes");
    field("test_fraction", test_fraction, "kind images without split: share of the images held out for tests",
          between(0, 0.9));
    field("cache", cache, "folder of the decoded images; empty for the user's cache folder");
    field("skip_unreadable", skip_unreadable, "leave out images that cannot be decoded instead of stopping");
    field.section("faces", faces);
  }
};

enum class Split { kTrain, kTest };
std::string to_string(Split split);         // "train", "test"
Split split_from(const std::string& name);  // ConfigError for anything else

/// Integer attributes or labels of every image.
struct AttributeTable {
  std::vector<std::string> names;    // [A]; "label" for class data sets
  at::Tensor values;                 // int64 [N, A]
  std::vector<std::string> classes;  // what the values of "label" stand for; empty for other attributes
};

/// One split of a data set, decoded and resized, in a memory-mapped cache.
class Dataset {
 public:
  int64_t size() const { return static_cast<int64_t>(files_.size()); }
  /// Images at `indices` (int64 [B]) as float32 [B, C, H, W] in [-1, 1] (bicubic overshoot is kept).
  at::Tensor images(const at::Tensor& indices) const;
  /// Images first, first + 1, ... (count of them, fewer at the end).
  at::Tensor slice(int64_t first, int64_t count) const;
  /// Name of an image: its path below the data folder, or "<split>-00012" where images have no file.
  const std::string& file(int64_t index) const { return files_[static_cast<size_t>(index)]; }
  const AttributeTable& attributes() const { return attributes_; }
  /// Whether some image had another size and was resized.
  bool resized() const { return pixels_.scalar_type() == at::kShort; }

 private:
  friend Dataset open_dataset(const DataConfig&, Split);
  at::Tensor pixels_;  // uint8 or int16 [N, C, H, W], memory-mapped
  std::vector<std::string> files_;
  AttributeTable attributes_;
};

/// Opens a split, decoding it into the cache first when it is not there yet. DataError for missing or damaged
/// data.
///
/// Layouts below `config.path` (attributes in brackets):
/// - fashion-mnist: the four IDX files under their official names, plain or .gz [label].
/// - cifar10: data_batch_1.bin ... data_batch_5.bin, as many as there are, and test_batch.bin [label].
/// - images: JPEG and PNG files, flat [none] or in one sub-folder a class [label]. Where there are folders
///   `train` and `test`, they are the splits and hold such layouts; otherwise `test_fraction` of the images
///   is held out, chosen by their names. With `csv`: the listed files, their integer columns as attributes,
///   and an optional column `split` of train, test and val (left out of both).
/// - celeba: img_align_celeba/ (or images/), list_attr_celeba.txt [40, as 0/1] and list_eval_partition.txt
///   (0 training, 1 validation, left out of both, 2 test).
/// - faces: drawn (faces.h) [9]; kept in memory.
Dataset open_dataset(const DataConfig& config, Split split);

/// All images of a folder (flat, or in one sub-folder a class), prepared as `like` says.
Dataset open_folder(const std::string& folder, const DataConfig& like);

/// Indices of the images for which `condition` holds, "attribute=value" (for class data sets also
/// "label=name"): int64 [n], ascending. ConfigError for an attribute that there is not, or when no image has
/// the value.
at::Tensor images_where(const Dataset& dataset, const std::string& condition);

}  // namespace patronus
