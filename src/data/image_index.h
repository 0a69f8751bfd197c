#pragma once
#include <optional>
#include <string>
#include <string_view>
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
  /// What else than a path may name an image.
  struct Ends {
    std::unordered_set<std::string> folders;         // the names of all folders in paths
    std::unordered_map<std::string, Images> images;  // by every end of a path, with the ending and without
  };
  const Ends& ends() const;
  const Images* named(const std::string& path) const;

  const std::vector<std::string>& images_;
  std::unordered_map<std::string_view, const std::string*> by_path_;
  mutable std::optional<Ends> ends_;  // made for the first cell that is no path
};

}  // namespace patronus
