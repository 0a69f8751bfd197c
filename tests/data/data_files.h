#pragma once
#include <ATen/Functions.h>
#include <ATen/TensorOperators.h>

#include <cstdlib>
#include <filesystem>
#include <memory>
#include <string>

#include "patronus/data/dataset.h"
#include "patronus/io/image.h"
#include "support/failure.h"
#include "support/run_program.h"

namespace patronus::test {

/// A folder for a data set, with a cache of its own inside.
struct DataFolder {
  std::unique_ptr<TemporaryFolder> folder = std::make_unique<TemporaryFolder>();
  DataConfig config;

  explicit DataFolder(DataKind kind) {
    config.kind = kind;
    config.path = (*folder / "data").string();
    config.cache = (*folder / "cache").string();
    config.size = 8;
    std::filesystem::create_directory(config.path);
  }

  std::filesystem::path operator/(const std::string& name) const {
    return std::filesystem::path(config.path) / name;
  }

  /// The message of opening `split`, with DATA for the folder's path.
  std::string failure(Split split = Split::kTrain) const {
    std::string message = message_of([&] { open_dataset(config, split); });
    for (size_t at = 0; (at = message.find(config.path)) != std::string::npos;) {
      message.replace(at, config.path.size(), "DATA");
    }
    return message;
  }
};

/// A PNG with `side` x `side` pixels of one colour, in a folder that is made.
inline void write_plain_png(const std::filesystem::path& path, int64_t side, int64_t level) {
  std::filesystem::create_directories(path.parent_path());
  write_png(path, at::full({3, side, side}, level, at::kByte));
}

/// The level that a plain image was written with.
inline int64_t level_of(const at::Tensor& image) {
  return (image.mean() + 1).mul(127.5).round().item<int64_t>();
}

/// `name` in the folder of real data sets: $PATRONUS_DATA, else ../shared/data beside the checkout.
inline std::filesystem::path real_data(const std::string& name) {
  const char* chosen = std::getenv("PATRONUS_DATA");
  const std::filesystem::path source = PATRONUS_SOURCE_DIR;
  return (chosen ? std::filesystem::path(chosen) : source.parent_path() / "shared" / "data") / name;
}

}  // namespace patronus::test
