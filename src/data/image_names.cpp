#include "patronus/data/image_names.h"

#include "patronus/core/error.h"
#include "patronus/core/parse_number.h"

namespace patronus {
namespace {

/// Whether a file is `name`, or is called so and lies in some folder.
bool is_called(const std::string& file, const std::string& name) {
  return file == name || file.ends_with("/" + name);
}

/// "; 'b.png' is in the train split (--split train)"; empty where no other split than `here` has the image.
std::string place_elsewhere(const DataListing& data, Split here, const std::string& name) {
  for (const Split split : kSplits) {
    for (int64_t i = 0; split != here && i < data.size(split); ++i) {
      if (is_called(data.file(split, i), name))
        return "; '" + name + "' is in the " + to_string(split) + " split (--split " + to_string(split) + ")";
    }
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
  const auto index = number_in<int64_t>(name);
  if (index && *index >= 0 && *index < images.size()) return *index;
  throw ConfigError("image '" + name + "': expected the name of one of the " + std::to_string(images.size()) +
                    " images, or its number from 0 to " + std::to_string(images.size() - 1));
}

int64_t find_image(const Dataset& images, const std::string& name, const DataConfig& data, Split split) {
  try {
    return find_image(images, name);
  } catch (const ConfigError& error) {
    throw ConfigError(error.what() + place_elsewhere(DataListing(data), split, name));
  }
}

}  // namespace patronus
