#pragma once
#include <string>
#include <unordered_map>
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
  std::vector<const std::string*> named(const std::string& cell) const;

  std::unordered_map<std::string, const std::string*> by_path_;
  // By the name of the file, and by the folder that it is in and its name, with the file's ending and
  // without.
  std::unordered_map<std::string, std::vector<const std::string*>> by_end_;
};

}  // namespace patronus
