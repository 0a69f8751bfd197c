#include "data/divided_images.h"

#include <c10/util/Exception.h>

#include <numeric>
#include <unordered_map>

#include "patronus/core/error.h"

namespace patronus {
namespace {

ListedImages list_images(const DataConfig& config) {
  switch (config.kind) {
    case DataKind::kFaces:
      return list_faces(config);
    case DataKind::kFashionMnist:
      return list_fashion_mnist(config);
    case DataKind::kCifar10:
      return list_cifar10(config);
    case DataKind::kImages:
      return list_image_folder(config);
    case DataKind::kCeleba:
      return list_celeba(config);
    case DataKind::kChexpert:
      return list_chexpert(config);
  }
  TORCH_CHECK(false, "no such kind of data set");
}

void refuse_shared_files(const DividedImages& divided) {
  const auto& [images, division] = divided;
  std::unordered_map<uint64_t, int64_t> trained;
  for (const int64_t row : division.train) trained.emplace(images.stamps[static_cast<size_t>(row)].file, row);
  for (const int64_t row : division.test) {
    const uint64_t file = images.stamps[static_cast<size_t>(row)].file;
    const auto same = file == 0 ? trained.end() : trained.find(file);
    if (same == trained.end()) continue;
    throw DataError(images.names[static_cast<size_t>(row)] + " is a test image and, as " +
                    images.names[static_cast<size_t>(same->second)] +
                    ", a training image: one file; remove one of the two");
  }
}

}  // namespace

DividedImages list_divided(const DataConfig& config) {
  DividedImages divided{list_images(config), {}};
  if (!config.attributes.empty()) {
    divided.images.attributes =
        naming("data.attributes", [&] { return divided.images.attributes.columns(config.attributes); });
  }
  const bool official =
      config.kind == DataKind::kFashionMnist || config.kind == DataKind::kCifar10;  // divided by its makers
  divided.division = divide(divided.images.names, divided.images.parts, official ? 0 : config.test_fraction);
  naming(shown_path(config).string(), [&] { refuse_shared_files(divided); });
  return divided;
}

DividedImages list_undivided(const DataConfig& config) {
  DividedImages divided{list_whole_folder(config), {}};
  divided.division.train.resize(divided.images.names.size());
  std::iota(divided.division.train.begin(), divided.division.train.end(), 0);
  return divided;
}

}  // namespace patronus
