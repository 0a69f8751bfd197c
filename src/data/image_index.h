#pragma once
#include <string>
#include <unordered_map>
#include <unordered_set>
#include <vector>

namespace patronus {

/// Images by what a table may call them: by their path; by the end of it, or with folders in front that are
/// not there; and by the name of the file, with its ending or without; where that is one image's alone.
class ImageIndex {
 public:
  /// `images`: paths below one folder, which outlive the index.
  explicit ImageIndex(const std::vector<std::string>& images);

  /// The image that a cell names; nothing where there is none, or are several.
  const std::string* find(const std::string& cell) const;

  /// Where a cell names several images, two of them: "x/0.png and y/0.png"; else empty.
  std::string several(const std::string& cell) const;

 private:
  using Images = std::vector<const std::string*>;
  const Images* named(const std::string& path) const;

  std::unordered_set<std::string> paths_;
  std::unordered_set<std::string> folders_;         // the names of all folders in them
  std::unordered_map<std::string, Images> by_end_;  // every end of a path, with the file's ending and without
};

}  // namespace patronus
