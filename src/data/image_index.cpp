#include "data/image_index.h"

#include <algorithm>
#include <filesystem>

namespace patronus {
namespace {

namespace fs = std::filesystem;

/// "img/a.png" of "./img/a.png" and "img\\a.png".
std::string normal(std::string cell) {
  std::replace(cell.begin(), cell.end(), '\\', '/');
  return fs::path(cell).lexically_normal().string();
}

/// Whether the folders of a cell, if it has any, are those of the image, or one has more of them in front.
bool folders_agree(const std::string& cell, const std::string& image) {
  return cell.find('/') == std::string::npos || ("/" + image).ends_with("/" + cell) ||
         ("/" + cell).ends_with("/" + image);
}

}  // namespace

ImageIndex::ImageIndex(const std::vector<std::string>& images) {
  for (const auto& image : images) {
    by_path_.emplace(image, &image);
    const fs::path name = fs::path(image).filename();
    add(name.string(), image);
    if (name.has_extension()) add(name.stem().string(), image);
  }
}

void ImageIndex::add(const std::string& name, const std::string& image) {
  const auto [entry, is_new] = by_name_.emplace(name, Named{&image, nullptr});
  if (!is_new) entry->second.other = &image;
}

const ImageIndex::Named* ImageIndex::named(const std::string& path) const {
  const auto found = by_name_.find(fs::path(path).filename().string());
  return found != by_name_.end() && folders_agree(path, *found->second.image) ? &found->second : nullptr;
}

const std::string* ImageIndex::find(const std::string& cell) const {
  const std::string path = normal(cell);
  if (const auto exact = by_path_.find(path); exact != by_path_.end()) return exact->second;
  const Named* found = named(path);
  return found != nullptr && found->other == nullptr ? found->image : nullptr;
}

std::string ImageIndex::several(const std::string& cell) const {
  if (find(cell) != nullptr) return {};
  const Named* found = named(normal(cell));
  return found == nullptr ? std::string() : *found->image + " and " + *found->other;
}

}  // namespace patronus
