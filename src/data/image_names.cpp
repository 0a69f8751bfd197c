#include "patronus/data/image_names.h"

#include "patronus/core/error.h"
#include "patronus/core/parse_number.h"
#include "patronus/core/text.h"

namespace patronus {
namespace {

/// Whether `file` is `name`, or a file of this name in some folder.
bool is_called(const std::string& file, const std::string& name) {
  return file == name || file.ends_with("/" + name);
}

/// "; 'b.png' is in the train split (--split train)"; empty if no split other than `here` has the image.
std::string place_elsewhere(const DataListing& data, Split here, const std::string& name) {
  for (const Split split : kSplits) {
    for (int64_t i = 0; split != here && i < data.size(split); ++i) {
      if (is_called(data.file(split, i), name))
        return "; '" + name + "' is in the " + to_string(split) + " split (--split " + to_string(split) + ")";
    }
  }
  return {};
}

bool has_image(const Dataset& images, const std::string& name) {
  for (int64_t i = 0; i < images.size(); ++i) {
    if (is_called(images.file(i), name)) return true;
  }
  return false;
}

/// "; did you mean 'a/Face.PNG'?", with an image whose name differs only in case; empty if there is none.
std::string other_case(const Dataset& images, const std::string& name) {
  const std::string lower = to_lower(name);
  for (int64_t i = 0; i < images.size(); ++i) {
    if (is_called(to_lower(images.file(i)), lower)) return "; did you mean '" + images.file(i) + "'?";
  }
  return {};
}

}  // namespace

int64_t find_image(const Dataset& images, const std::string& name) {
  std::vector<int64_t> called;
  for (int64_t i = 0; i < images.size(); ++i) {
    if (images.file(i) == name) return i;
    if (is_called(images.file(i), name)) called.push_back(i);
  }
  if (called.size() == 1) return called.front();
  if (called.size() > 1) {
    throw ConfigError("image '" + name + "': " + std::to_string(called.size()) + " images are called so (" +
                      images.file(called[0]) + ", " + images.file(called[1]) +
                      (called.size() > 2 ? ", ..." : "") + "); give the folder, too");
  }
  const auto index = parse_number<int64_t>(name);
  if (index && *index >= 0 && *index < images.size()) return *index;
  throw ConfigError("image '" + name + "': expected the name of one of the " + std::to_string(images.size()) +
                    " images, or its number from 0 to " + std::to_string(images.size() - 1) +
                    other_case(images, name));
}

int64_t find_image(const Dataset& images, const std::string& name, const DataConfig& data, Split split) {
  try {
    return find_image(images, name);
  } catch (const ConfigError& error) {
    throw ConfigError(error.what() + place_elsewhere(DataListing(data), split, name));
  }
}

std::vector<std::string> separate_names(const Dataset& images, const std::vector<std::string>& words) {
  std::vector<std::string> names;
  for (const auto& word : words) {
    if (has_image(images, word)) {
      names.push_back(word);
    } else {
      for (const auto part : split(word, ',')) names.emplace_back(trim(part));
    }
  }
  return names;
}

}  // namespace patronus
