#include "data/image_index.h"

#include <algorithm>
#include <filesystem>
#include <set>

namespace patronus {
namespace {

namespace fs = std::filesystem;

/// "img/a.png" of "./img/a.png" and "img\\a.png".
std::string normal(std::string cell) {
  std::replace(cell.begin(), cell.end(), '\\', '/');
  return fs::path(cell).lexically_normal().string();
}

/// The name of the file, with the folder that it is in, if any, in front: "p0/0.png" of "x/p0/0.png".
std::string end_of(const fs::path& path) {
  return (path.parent_path().filename() / path.filename()).string();
}

}  // namespace

ImageIndex::ImageIndex(const std::vector<std::string>& images) {
  for (const auto& image : images) {
    by_path_.emplace(image, &image);
    const fs::path path = image, stem = fs::path(image).replace_extension();
    std::set<std::string> ends{path.filename().string(), end_of(path), stem.filename().string(),
                               end_of(stem)};
    for (const auto& end : ends) by_end_[end].push_back(&image);
  }
}

/// All images that a cell may mean.
std::vector<const std::string*> ImageIndex::named(const std::string& cell) const {
  const std::string path = normal(cell);
  // With folders in front that are not there: the longest end of the cell that is an image's path.
  for (size_t start = 0; start != std::string::npos;) {
    if (const auto exact = by_path_.find(path.substr(start)); exact != by_path_.end()) return {exact->second};
    const size_t slash = path.find('/', start);
    start = slash == std::string::npos ? slash : slash + 1;
  }
  const auto found = by_end_.find(end_of(path));
  if (found == by_end_.end()) return {};
  std::vector<const std::string*> images = found->second;
  std::erase_if(images, [&](const std::string* image) {
    const std::string stem = fs::path(*image).replace_extension().string();
    return !("/" + *image).ends_with("/" + path) && !("/" + stem).ends_with("/" + path);
  });
  return images;
}

const std::string* ImageIndex::find(const std::string& cell) const {
  const auto images = named(cell);
  return images.size() == 1 ? images.front() : nullptr;
}

std::string ImageIndex::several(const std::string& cell) const {
  const auto images = named(cell);
  return images.size() < 2 ? std::string() : *images[0] + " and " + *images[1];
}

}  // namespace patronus
