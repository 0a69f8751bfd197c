#include "data/image_index.h"

#include <algorithm>
#include <filesystem>

namespace patronus {
namespace {

namespace fs = std::filesystem;

/// Normalises a path: "./img/a.png" and "img\\a.png" become "img/a.png".
std::string normal(std::string cell) {
  std::replace(cell.begin(), cell.end(), '\\', '/');
  return fs::path(cell).lexically_normal().string();
}

std::vector<std::string> folders_in(const std::string& path) {
  std::vector<std::string> names;
  for (const auto& name : fs::path(path).parent_path()) names.push_back(name.string());
  return names;
}

/// Calls `visit` with every end of a path: for "x/p0/0.png" this path, "p0/0.png" and "0.png".
template <class Visit>
void visit_ends(const std::string& path, Visit visit) {
  for (size_t start = 0;;) {
    visit(path.substr(start));
    const size_t slash = path.find('/', start);
    if (slash == std::string::npos) return;
    start = slash + 1;
  }
}

}  // namespace

ImageIndex::ImageIndex(const std::vector<std::string>& images) : images_(images) {
  by_path_.reserve(images.size());
  for (const auto& image : images) by_path_.emplace(image, &image);
}

const ImageIndex::Ends& ImageIndex::ends() const {
  if (ends_) return *ends_;
  ends_.emplace();
  for (const auto& image : images_) {
    const std::string stem = fs::path(image).replace_extension().string();
    for (auto& folder : folders_in(image)) ends_->folders.insert(std::move(folder));
    const auto add = [&](const std::string& end) { ends_->images[end].push_back(&image); };
    visit_ends(image, add);
    if (stem != image) visit_ends(stem, add);
  }
  return *ends_;
}

/// Images that `path`, not itself the path of an image, may name: those whose paths, with or without
/// extension, end in it; if there are none, those whose paths end in its longest end that is the path of an
/// image, provided that no image lies in a folder with the name of one it cuts off. Null if there are none.
const ImageIndex::Images* ImageIndex::named(const std::string& path) const {
  const auto& [known_folders, by_end] = ends();
  if (const auto found = by_end.find(path); found != by_end.end()) return &found->second;
  size_t start = 0;
  for (const auto& folder : folders_in(path)) {
    if (known_folders.contains(folder)) return nullptr;
    start = path.find('/', start) + 1;
    if (const std::string end = path.substr(start); by_path_.contains(end)) return &by_end.at(end);
  }
  return nullptr;
}

const std::string* ImageIndex::find(const std::string& cell) const {
  if (const auto exact = by_path_.find(cell); exact != by_path_.end()) return exact->second;
  const std::string path = normal(cell);
  if (const auto exact = by_path_.find(path); exact != by_path_.end()) return exact->second;
  const Images* images = named(path);
  return images != nullptr && images->size() == 1 ? images->front() : nullptr;
}

std::string ImageIndex::several(const std::string& cell) const {
  if (find(cell) != nullptr) return {};
  const Images* images = named(normal(cell));
  return images == nullptr ? std::string() : *images->at(0) + " and " + *images->at(1);
}

}  // namespace patronus
