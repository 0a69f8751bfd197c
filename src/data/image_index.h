#pragma once
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <unordered_set>
#include <vector>

namespace patronus {

/// Finds images by the names that a table may use: the path; an end of it; the path with further folders in
/// front that do not exist here; the file name, with or without extension. All but the path must fit only one
/// image.
class ImageIndex {
 public:
  /// `images`: paths below one folder; they must outlive the index.
  explicit ImageIndex(const std::vector<std::string>& images);

  /// The image that a cell names; null if there is none, or more than one.
  const std::string* find(const std::string& cell) const;

  /// Two of the images that a cell names, if more than one: "x/0.png and y/0.png"; else empty.
  std::string several(const std::string& cell) const;

 private:
  using Images = std::vector<const std::string*>;
  /// Lookup of images by names other than their paths.
  struct Ends {
    std::unordered_set<std::string> folders;         // names of all folders in the paths
    std::unordered_map<std::string, Images> images;  // by every end of a path, with and without extension
  };
  const Ends& ends() const;
  const Images* named(const std::string& path) const;

  const std::vector<std::string>& images_;
  std::unordered_map<std::string_view, const std::string*> by_path_;
  mutable std::optional<Ends> ends_;  // created for the first cell that is not a path
};

}  // namespace patronus
