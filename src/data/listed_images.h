#pragma once
#include <ATen/core/Tensor.h>

#include <cstdint>
#include <filesystem>
#include <functional>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "data/division.h"
#include "data/image_stamp.h"
#include "patronus/data/attribute_table.h"
#include "patronus/data/data_config.h"
#include "patronus/data/data_report.h"

namespace patronus {

/// A data set as its format defines it: listed, not decoded.
struct ListedImages {
  std::vector<std::string> names;  // [N], in the order of the data set
  GivenSplits splits;              // [N]
  AttributeTable attributes;       // [N, A]
  std::vector<ImageStamp> stamps;  // [N]
  /// Reads image i as uint8 [1 or 3, H, W]; throws DataError if it cannot be decoded. Called from several
  /// threads.
  std::function<at::Tensor(int64_t)> read;
  std::string division;  // source of `splits`: "divided by column split"; empty if there are none
  std::vector<std::string> remarks;
  LeftOutList left_out;
};

/// `read` draws faces one at a time.
ListedImages list_faces(const DataConfig& config);
ListedImages list_fashion_mnist(const DataConfig& config);
ListedImages list_cifar10(const DataConfig& config);
ListedImages list_image_folder(const DataConfig& config);
ListedImages list_celeba(const DataConfig& config);
ListedImages list_chexpert(const DataConfig& config);

/// Whether an existing folder has files that only this kind of data set has: at least one batch of CIFAR-10;
/// CelebA's attributes; CheXpert's list; IDX files (MNIST's have the same names).
bool is_cifar10(const std::filesystem::path& folder);
bool is_celeba(const std::filesystem::path& folder);
bool is_chexpert(const std::filesystem::path& folder);
bool is_fashion_mnist(const std::filesystem::path& folder);

/// Lists all images below `config.path`, without a table and without splits.
ListedImages list_whole_folder(const DataConfig& config);

/// The data folder for messages: as typed, if that means the same folder from the current one.
std::filesystem::path shown_path(const DataConfig& config);

/// The folder `config.path` or, if it no longer exists, the typed path relative to the current folder. Throws
/// DataError, saying that `content` is expected, if there is no such folder.
std::filesystem::path data_folder(const DataConfig& config, const std::string& content);

/// `root / name` for the first of `names` that exists; nothing if none does.
std::optional<std::filesystem::path> first_existing(const std::filesystem::path& root,
                                                    std::span<const std::string> names);

/// Throws DataError: the file `path` (a folder, if it ends with a slash) does not exist, but `expected` ("the
/// four files of Fashion-MNIST") should be in the data folder.
[[noreturn]] void fail_missing(const std::filesystem::path& path, std::string_view expected);

/// Name of an image that has no file of its own: "train-00012". `face_number` (faces.h) reads it.
std::string numbered_name(Split split, int64_t index);

/// Images of one split in memory; undefined if the split does not exist.
struct LabelledPixels {
  at::Tensor pixels;  // uint8 [N, C, H, W]
  at::Tensor labels;  // int64 or uint8 [N]
};

/// Throws DataError, naming the file, for labels outside 0 .. classes - 1: the file is damaged or not `kind`
/// ("CIFAR-10").
void check_labels(const std::filesystem::path& file, const at::Tensor& labels, int64_t classes,
                  const std::string& kind);

/// Lists images in memory with their class labels, under numbered names.
ListedImages listed_in_memory(const LabelledPixels& train, const LabelledPixels& test,
                              const std::vector<std::string>& classes);

/// Lists image files by their paths below `folder`; the caller adds the attributes.
ListedImages listed_files(const std::filesystem::path& folder, std::vector<std::string> names,
                          GivenSplits splits);

}  // namespace patronus
