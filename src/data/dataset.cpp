#include "patronus/data/dataset.h"

#include <ATen/Functions.h>
#include <ATen/TensorOperators.h>

#include <algorithm>
#include <charconv>

#include "data/cache.h"
#include "data/decode.h"
#include "data/image_source.h"
#include "patronus/core/error.h"
#include "patronus/data/faces.h"

namespace patronus {
namespace {

ImageSource open_source(const DataConfig& config, Split split) {
  if (config.kind == "fashion-mnist") return open_fashion_mnist(config, split);
  if (config.kind == "cifar10") return open_cifar10(config, split);
  if (config.kind == "celeba") return open_celeba(config, split);
  TORCH_CHECK(config.kind == "images", "unknown kind of data set ", config.kind);
  return open_image_folder(config, split);
}

/// A class's name, or an integer.
int64_t attribute_value(const AttributeTable& table, const std::string& condition, const std::string& value) {
  const auto named = std::find(table.classes.begin(), table.classes.end(), value);
  if (named != table.classes.end()) return named - table.classes.begin();
  int64_t number = 0;
  const auto [end, error] = std::from_chars(value.data(), value.data() + value.size(), number);
  if (error == std::errc() && end == value.data() + value.size()) return number;
  throw ConfigError("'" + condition + "': '" + value + "' is no integer" +
                    (table.classes.empty() ? "" : ", nor one of the classes " + join(table.classes)));
}

}  // namespace

std::string to_string(Split split) {
  return split == Split::kTrain ? "train" : "test";
}

Split split_from(const std::string& name) {
  if (name == "train") return Split::kTrain;
  if (name == "test") return Split::kTest;
  throw ConfigError("split '" + name + "': unknown; expected train or test");
}

at::Tensor Dataset::images(const at::Tensor& indices) const {
  return unpacked(pixels_.index_select(0, indices));
}

at::Tensor Dataset::slice(int64_t first, int64_t count) const {
  return unpacked(pixels_.slice(0, first, first + count));
}

Dataset open_folder(const std::string& folder, const DataConfig& like) {
  DataConfig config = like;
  config.kind = "images";
  config.path = folder;
  config.csv.clear();
  config.test_fraction = 0;
  return open_dataset(config, Split::kTrain);
}

at::Tensor images_where(const Dataset& dataset, const std::string& condition) {
  const size_t equals = std::min(condition.find('='), condition.size());
  const std::string name = condition.substr(0, equals);
  const std::string value = condition.substr(std::min(equals + 1, condition.size()));
  const AttributeTable& table = dataset.attributes();
  const auto column = std::find(table.names.begin(), table.names.end(), name);
  if (column == table.names.end()) {
    throw ConfigError("'" + condition + "': the images have no attribute '" + name + "'" +
                      (table.names.empty() ? "" : "; expected one of " + join(table.names)) +
                      did_you_mean(name, table.names));
  }
  const int64_t wanted = attribute_value(table, condition, value);
  const auto values = table.values.select(1, column - table.names.begin());
  const auto indices = (values == wanted).nonzero().squeeze(1);
  if (indices.numel() == 0) throw ConfigError("'" + condition + "': no image has this value");
  return indices;
}

Dataset open_dataset(const DataConfig& config, Split split) {
  Dataset dataset;
  if (config.kind == "faces") {
    if (config.channels != 3) {
      throw ConfigError("data.channels: " + std::to_string(config.channels) +
                        "; faces are drawn in colour; set data.channels=3");
    }
    const int64_t count = split == Split::kTrain ? config.faces.train_images : config.faces.test_images;
    const Faces faces = draw_faces(config.faces, split, config.size, 0, count);
    dataset.pixels_ = faces.pixels;
    dataset.attributes_ = {face_attribute_names(), faces.attributes, {}};
    for (int64_t i = 0; i < count; ++i) dataset.files_.push_back(numbered_name(split, i));
    return dataset;
  }
  const ImageSource source = open_source(config, split);
  if (source.names.empty()) {
    throw DataError(config.path + ": no images in the " + to_string(split) +
                    " split; expected at least one; check data.csv or data.test_fraction");
  }
  const CachedImages cached = cached_images(source, config, split);
  dataset.pixels_ = cached.pixels;
  dataset.attributes_ = source.attributes;
  dataset.attributes_.values = source.attributes.values.index_select(0, cached.kept);
  for (int64_t i = 0; i < cached.kept.numel(); ++i) {
    dataset.files_.push_back(source.names[static_cast<size_t>(cached.kept[i].item<int64_t>())]);
  }
  return dataset;
}

}  // namespace patronus
