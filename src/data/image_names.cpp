#include "patronus/data/image_names.h"

#include <ATen/Functions.h>

#include "patronus/core/error.h"
#include "patronus/core/parse_number.h"

namespace patronus {
namespace {

/// Images whose file is called `name`, whatever folder it lies in.
std::vector<int64_t> images_called(const Dataset& images, const std::string& name) {
  const std::string ending = "/" + name;
  std::vector<int64_t> found;
  for (int64_t i = 0; i < images.size(); ++i) {
    if (images.file(i).ends_with(ending)) found.push_back(i);
  }
  return found;
}

}  // namespace

int64_t image_index(const Dataset& images, const std::string& name) {
  for (int64_t i = 0; i < images.size(); ++i) {
    if (images.file(i) == name) return i;
  }
  const auto called = images_called(images, name);
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

Dataset named_images(const Dataset& images, const std::vector<std::string>& names) {
  std::vector<int64_t> indices;
  for (const auto& name : names) indices.push_back(image_index(images, name));
  return images.subset(at::tensor(indices, at::kLong));
}

}  // namespace patronus
