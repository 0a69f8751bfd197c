#include "data/listed_images.h"

#include <ATen/Functions.h>
#include <ATen/TensorOperators.h>

#include "patronus/core/error.h"
#include "patronus/core/log.h"
#include "patronus/core/nearest_path.h"
#include "patronus/core/text.h"
#include "patronus/io/image.h"

namespace patronus {
namespace {

namespace fs = std::filesystem;

/// Whether `path` ends in `typed`, as it does if that relative path was typed in another folder.
bool ends_with(const fs::path& path, const fs::path& typed) {
  const fs::path plain = (typed / "").lexically_normal().parent_path();  // "./set/" becomes "set"
  return !plain.empty() && path.string().ends_with("/" + plain.string());
}

}  // namespace

fs::path shown_path(const DataConfig& config) {
  const fs::path path = config.path, typed = config.typed_path;
  if (typed.empty()) return path;
  const std::string full = fs::absolute(typed).lexically_normal().string();
  return full == path.string() || full == path.string() + "/" ? typed : path;
}

fs::path data_folder(const DataConfig& config, const std::string& content) {
  if (config.path.empty()) {
    throw DataError("data.path: not set; expected the folder with " + content +
                    "; name it with --data FOLDER");
  }
  const fs::path path = shown_path(config), typed = config.typed_path;
  if (fs::is_directory(path)) return path;
  if (ends_with(path, typed) && fs::is_directory(typed)) {
    log_info(path.string() + ": no such folder any more; taking " + fs::absolute(typed).string());
    return typed;
  }
  if (fs::exists(path)) {
    throw DataError(path.string() + ": is a file; expected the folder with " + content +
                    "; name it with --data FOLDER");
  }
  throw DataError(path.string() + ": no such folder; expected " + content +
                  " there; put the data there or name its folder with --data FOLDER" +
                  did_you_mean_path(path, fs::file_type::directory));
}

std::optional<fs::path> first_existing(const fs::path& root, std::span<const std::string> names) {
  for (const auto& name : names) {
    if (fs::exists(root / name)) return root / name;
  }
  return std::nullopt;
}

void fail_missing(const fs::path& path, std::string_view expected) {
  throw DataError(path.string() + ": no such " + (path.has_filename() ? "file" : "folder") + "; expected " +
                  std::string(expected) + " in this folder (--data, data.path)");
}

std::string numbered_name(Split split, int64_t index) {
  return to_string(split) + "-" + zero_padded(index, 5);
}

void check_labels(const fs::path& file, const at::Tensor& labels, int64_t classes, const std::string& kind) {
  const auto wrong = (labels.lt(0) | labels.ge(classes)).nonzero();
  if (wrong.numel() == 0) return;
  const int64_t label = labels[wrong[0][0].item<int64_t>()].item<int64_t>();
  throw DataError(file.string() + ": label " + std::to_string(label) + "; expected 0 to " +
                  std::to_string(classes - 1) + "; the file is damaged or not " + kind);
}

ListedImages listed_in_memory(const LabelledPixels& train, const LabelledPixels& test,
                              const std::vector<std::string>& classes) {
  ListedImages images;
  std::vector<at::Tensor> labels{at::empty({0}, at::kLong)};
  const auto add = [&](const LabelledPixels& pictures, Split split) {
    if (!pictures.pixels.defined()) return int64_t{0};
    const int64_t count = pictures.pixels.size(0);
    for (int64_t i = 0; i < count; ++i) images.names.push_back(numbered_name(split, i));
    images.splits.resize(images.names.size(), split);
    labels.push_back(pictures.labels.to(at::kLong));
    for (const auto& stamp : stamps_of_pixels(pictures.pixels)) images.stamps.push_back(stamp);
    return count;
  };
  images.division = "as published";
  const int64_t trained = add(train, Split::kTrain);
  add(test, Split::kTest);
  images.attributes = {{"label"}, at::cat(labels).unsqueeze(1), {classes}};
  images.read = [=](int64_t i) { return i < trained ? train.pixels[i] : test.pixels[i - trained]; };
  return images;
}

ListedImages listed_files(const fs::path& folder, std::vector<std::string> names, GivenSplits splits) {
  ListedImages images;
  images.stamps = stamps_of_files(folder, names);
  images.read = [folder, names](int64_t i) { return read_image(folder / names[i]); };
  images.attributes = {{}, at::empty({std::ssize(names), 0}, at::kLong), {}};
  images.names = std::move(names);
  images.splits = std::move(splits);
  return images;
}

}  // namespace patronus
