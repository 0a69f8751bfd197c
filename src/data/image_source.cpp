#include "data/image_source.h"

#include <ATen/Functions.h>

#include "patronus/core/error.h"
#include "patronus/io/image.h"
#include "patronus/io/table.h"

namespace patronus {

namespace fs = std::filesystem;

fs::path data_folder(const DataConfig& config, const std::string& content) {
  if (config.path.empty()) {
    throw DataError("data.path: not set; expected the folder with " + content +
                    "; name it with --data FOLDER");
  }
  if (!fs::is_directory(config.path)) {
    throw DataError(config.path + ": no such folder; expected " + content +
                    " there; put the data there or name its "
                    "folder with --data FOLDER");
  }
  return config.path;
}

std::string numbered_name(Split split, int64_t index) {
  return to_string(split) + "-" + padded(index, 5);
}

ImageSource source_in_memory(const at::Tensor& pixels, const at::Tensor& labels, Split split) {
  ImageSource source;
  for (int64_t i = 0; i < pixels.size(0); ++i) source.names.push_back(numbered_name(split, i));
  source.attributes = {.names = {"label"}, .values = labels.to(at::kLong).unsqueeze(1), .classes = {}};
  source.read = [pixels](int64_t index) { return pixels[index]; };
  return source;
}

ImageSource source_of_files(const fs::path& folder, const std::vector<std::string>& names, int64_t channels) {
  ImageSource source;
  source.names = names;
  for (const auto& name : names) source.files.push_back(folder / name);
  source.read = [files = source.files, channels](int64_t index) {
    return read_image(files[static_cast<size_t>(index)], channels);
  };
  return source;
}

}  // namespace patronus
