#pragma once
#include <ATen/core/Tensor.h>

#include <cstdint>
#include <filesystem>
#include <functional>
#include <string>
#include <vector>

#include "patronus/data/dataset.h"

namespace patronus {

/// One split as its format presents it, before decoding and resizing.
struct ImageSource {
  std::vector<std::string> names;  // of the images; their order is the data set's
  AttributeTable attributes;
  std::vector<std::filesystem::path>
      files;  // hold the pixels; their sizes and times tell whether a cache is up to date
  /// Image i as uint8 [1 or 3, H, W]; DataError when it cannot be decoded. Called from several threads.
  std::function<at::Tensor(int64_t)> read;
};

ImageSource open_fashion_mnist(const DataConfig& config, Split split);
ImageSource open_cifar10(const DataConfig& config, Split split);
ImageSource open_image_folder(const DataConfig& config, Split split);
ImageSource open_celeba(const DataConfig& config, Split split);

/// The folder `config.path`; DataError when it is absent, which says that `content` is expected there.
std::filesystem::path data_folder(const DataConfig& config, const std::string& content);

/// "train-00012": the name of an image that has no file of its own.
std::string numbered_name(Split split, int64_t index);

/// Pictures held in memory, uint8 [N, C, H, W], with int64 [N] labels; all names are numbered.
ImageSource source_in_memory(const at::Tensor& pixels, const at::Tensor& labels, Split split);

/// Image files, named by their paths below `folder`; the caller adds the attributes.
ImageSource source_of_files(const std::filesystem::path& folder, const std::vector<std::string>& names,
                            int64_t channels);

}  // namespace patronus
