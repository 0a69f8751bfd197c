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

/// A data set as its format presents it: listed, not decoded.
struct ListedImages {
  std::vector<std::string> names;  // of the images; their order is the data set's
  GivenSplits splits;              // [N]
  AttributeTable attributes;       // [N, A]
  std::vector<ImageStamp> stamps;  // [N]
  /// Image i as uint8 [1 or 3, H, W]; DataError when it cannot be decoded. Called from several threads.
  std::function<at::Tensor(int64_t)> read;
  std::string
      division;  // where `splits` are from: "divided by column split"; empty where nothing divides them
  std::vector<std::string> remarks;
  LeftOutList left_out;
};

/// Faces, of which `read` draws one at a time.
ListedImages list_faces(const DataConfig& config);
ListedImages list_fashion_mnist(const DataConfig& config);
ListedImages list_cifar10(const DataConfig& config);
ListedImages list_image_folder(const DataConfig& config);
ListedImages list_celeba(const DataConfig& config);
ListedImages list_chexpert(const DataConfig& config);

/// Whether the files that such a data set alone has lie in an existing folder: one batch or more, CelebA's
/// attributes, CheXpert's list, IDX files (MNIST's have the same names).
bool is_cifar10(const std::filesystem::path& folder);
bool is_celeba(const std::filesystem::path& folder);
bool is_chexpert(const std::filesystem::path& folder);
bool is_fashion_mnist(const std::filesystem::path& folder);

/// All images below `config.path`, without table and whatever splits its folders are called after.
ListedImages list_whole_folder(const DataConfig& config);

/// The data folder as messages name it: as it was typed, where that is right in the present folder.
std::filesystem::path shown_path(const DataConfig& config);

/// The folder `config.path`, or, where that is gone, the one that was typed, as seen from the present folder.
/// DataError when there is none, which says that `content` is expected there.
std::filesystem::path data_folder(const DataConfig& config, const std::string& content);

/// `root / name` of the first of `names` that is there.
std::optional<std::filesystem::path> first_existing(const std::filesystem::path& root,
                                                    std::span<const std::string> names);

/// DataError: there is no such file, or folder where `path` ends with a slash; `expected` ("the four files of
/// Fashion-MNIST") is, in the data folder.
[[noreturn]] void fail_missing(const std::filesystem::path& path, std::string_view expected);

/// "train-00012": the name of an image that has no file of its own.
std::string numbered_name(Split split, int64_t index);

/// Pictures of one split in memory: uint8 [N, C, H, W] and int64 labels [N]; undefined where it is absent.
struct LabelledPixels {
  at::Tensor pixels;
  at::Tensor labels;
};

/// DataError, naming the file, for labels that are none of 0 ... `classes` - 1: the file is damaged or not
/// `kind`, as "CIFAR-10".
void check_labels(const std::filesystem::path& file, const at::Tensor& labels, int64_t classes,
                  const std::string& kind);

/// Images in memory with their class labels; all names are numbered.
ListedImages listed_in_memory(const LabelledPixels& train, const LabelledPixels& test,
                              const std::vector<std::string>& classes);

/// Image files, named by their paths below `folder`; the caller adds the attributes.
ListedImages listed_files(const std::filesystem::path& folder, std::vector<std::string> names,
                          GivenSplits splits);

}  // namespace patronus
