#pragma once
#include <string>
#include <unordered_map>
#include <vector>

namespace patronus {

/// Images by what a table may call them: by their path, or by the end of it, with the ending of the file or
/// without, where that is one image's alone.
class ImageIndex {
 public:
  /// `images`: paths below one folder, which outlive the index.
  explicit ImageIndex(const std::vector<std::string>& images);

  /// The image that a cell names; nothing where there is none, or are several.
  const std::string* find(const std::string& cell) const;

  /// Where a cell names several images, two of them: "x/0.png and y/0.png"; else empty.
  std::string several(const std::string& cell) const;

 private:
  struct Named {
    const std::string* image;
    const std::string* other;  // with the same name; null where there is none
  };
  void add(const std::string& name, const std::string& image);
  const Named* named(const std::string& path) const;

  std::unordered_map<std::string, const std::string*> by_path_;
  std::unordered_map<std::string, Named> by_name_;
};

}  // namespace patronus
