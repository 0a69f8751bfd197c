#include "patronus/evaluation/image_set.h"

#include <ATen/Functions.h>

#include "patronus/core/error.h"
#include "patronus/core/log.h"
#include "patronus/core/pixels.h"
#include "patronus/core/progress.h"
#include "patronus/core/random.h"
#include "patronus/core/text.h"
#include "patronus/distributed/share_rows.h"
#include "patronus/evaluation/fid_files.h"
#include "patronus/io/tensor_file.h"

namespace patronus {
namespace {

/// Features of pictures one after the other; neighbours of the same size go together.
class FeatureBatches {
 public:
  explicit FeatureBatches(const ImageFeatures& features) : features_(features) {}

  void add(const at::Tensor& picture) {
    constexpr size_t kBatch = 64;
    if (!batch_.empty() && batch_.front().sizes() != picture.sizes()) flush();
    batch_.push_back(picture);
    if (batch_.size() == kBatch) flush();
  }
  at::Tensor all() {
    flush();
    return at::cat(done_);
  }

 private:
  void flush() {
    if (batch_.empty()) return;
    done_.push_back(features_.of(at::stack(batch_)));
    batch_.clear();
  }

  const ImageFeatures& features_;
  std::vector<at::Tensor> batch_;
  std::vector<at::Tensor> done_;
};

at::Tensor folder_features(const std::filesystem::path& folder, const ImageFeatures& features) {
  const FolderPictures pictures = list_pictures(folder.string());
  Progress progress("features of " + folder.string(), pictures.count, "images");
  FeatureBatches batches(features);
  for (int64_t i = 0; i < pictures.count; ++i) {
    batches.add(pictures.read(i));
    progress.advance();
  }
  return batches.all();
}

at::Tensor dataset_features(const Dataset& images, const std::string& name, const ImageFeatures& features,
                            const ProcessGroup& ranks) {
  constexpr int64_t kBatch = 64;
  const auto features_of = [&](int64_t first, int64_t count) -> std::vector<at::Tensor> {
    return {features.of(to_pixels(images.slice(first, count)))};
  };
  return share_rows(ranks, {"features of " + name, "images", images.size(), kBatch}, features_of).front();
}

/// Stands for the images and for what the features are.
std::string feature_key(const Dataset& images, const ImageFeatures& features) {
  return hexadecimal(derive_seed(images.fingerprint(), features.protocol));
}

}  // namespace

ImageSet dataset_image_set(const Dataset& images, const std::string& name, const ImageFeatures& features,
                           const std::filesystem::path& cache, const ProcessGroup& ranks) {
  const auto file = cache / (name + "-" + feature_key(images, features) + ".pt");
  if (std::filesystem::exists(file)) {
    const Dict known = read_tensor_file(file);
    return image_set(name, with_context(file.string(), [&] { return known.at("features").tensor(); }));
  }
  const ImageSet set = image_set(name, dataset_features(images, name, features, ranks));
  if (!ranks.is_first()) return set;
  Dict content;
  content.set("protocol", features.protocol);
  content.set("features", set.features);
  write_feature_statistics(std::filesystem::path(file).replace_extension(".npz"), set.statistics);
  write_tensor_file(file, content);
  return set;
}

ImageSet image_set(const std::string& name, const at::Tensor& features) {
  if (features.size(0) < 2) throw DataError(name + ": one picture; a set needs at least two");
  if (!features.isfinite().all().item<bool>()) {
    throw DataError(name + ": the features of some pictures are not finite");
  }
  return {name, features, feature_statistics(features)};
}

ImageSet read_image_set(const std::filesystem::path& path, const ImageFeatures& features) {
  if (path.extension() != ".npz") return image_set(path.string(), folder_features(path, features));
  ImageSet set{path.string(), {}, read_feature_statistics(path)};
  if (set.statistics.mean.size(0) != features.dimensions) {
    throw DataError(path.string() + ": statistics of " + std::to_string(set.statistics.mean.size(0)) +
                    " dimensions; the features have " + std::to_string(features.dimensions));
  }
  return set;
}

void warn_of_too_few(const ImageFeatures& features) {
  log_warning("no more pictures than the " + std::to_string(features.dimensions) +
              " dimensions of the features: the Fréchet distance is too large by an unknown amount");
}

SetDistance set_distance(const ImageSet& real, const ImageSet& generated, uint64_t seed) {
  constexpr int64_t kNeighbours = 3;
  const auto few = [](const FeatureStatistics& s) { return s.count > 0 && s.count <= s.mean.size(0); };
  SetDistance distance;
  distance.frechet = frechet_distance(real.statistics, generated.statistics);
  distance.too_few = few(real.statistics) || few(generated.statistics);
  if (!real.features.defined() || !generated.features.defined()) return distance;
  distance.kernel = kernel_distance(real.features, generated.features, {.seed = seed});
  if (std::min(real.features.size(0), generated.features.size(0)) > kNeighbours) {
    distance.precision_recall = precision_recall(real.features, generated.features, kNeighbours);
  }
  return distance;
}

}  // namespace patronus
