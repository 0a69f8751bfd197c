#include "patronus/evaluation/image_set.h"

#include <ATen/Functions.h>

#include "patronus/core/error.h"
#include "patronus/core/finite.h"
#include "patronus/core/hash.h"
#include "patronus/core/log.h"
#include "patronus/core/pixels.h"
#include "patronus/core/progress.h"
#include "patronus/core/random.h"
#include "patronus/core/text.h"
#include "patronus/distributed/batches_across_ranks.h"
#include "patronus/evaluation/fid_files.h"
#include "patronus/interop/result_cache.h"
#include "patronus/io/make_folder.h"

namespace patronus {
namespace {

constexpr int64_t kFeaturesVersion = 1;  // of what is kept

/// Features of a sequence of pictures; batches neighbours of the same size.
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
    done_.push_back(features_.extract(at::stack(batch_)));
    batch_.clear();
  }

  const ImageFeatures& features_;
  std::vector<at::Tensor> batch_;
  std::vector<at::Tensor> done_;
};

/// Hash of the shape and values of `values`, chained to `key`.
uint64_t hashed(const at::Tensor& values, uint64_t key) {
  for (const int64_t size : values.sizes()) key = derive_seed(key, "", static_cast<uint64_t>(size));
  return hash_of(values, key);
}

ImageSet folder_image_set(const std::filesystem::path& folder, const ImageFeatures& features) {
  const FolderPictures pictures = list_pictures(folder.string());
  Progress progress("features of " + folder.string(), pictures.count, "images");
  FeatureBatches batches(features);
  uint64_t fingerprint = 0;
  for (int64_t i = 0; i < pictures.count; ++i) {
    const auto picture = pictures.read(i);
    fingerprint = hashed(picture, fingerprint);
    batches.add(picture);
    progress.advance();
  }
  return image_set(folder.string(), batches.all(), fingerprint);
}

at::Tensor dataset_features(const Dataset& images, const std::string& name, const ImageFeatures& features,
                            const ProcessGroup& ranks) {
  constexpr int64_t kBatch = 64;
  const auto features_of = [&](int64_t first, int64_t count) -> std::vector<at::Tensor> {
    return {features.extract(to_pixels(images.slice(first, count)))};
  };
  return compute_batches_across_ranks(ranks, {"features of " + name, "images", images.size(), kBatch},
                                      features_of)
      .front();
}

}  // namespace

ImageSet dataset_image_set(const Dataset& images, const std::string& name, const ImageFeatures& features,
                           const std::filesystem::path& cache, const ProcessGroup& ranks) {
  const uint64_t fingerprint = images.fingerprint();
  const auto file = cache / (name + "-" + hexadecimal(derive_seed(fingerprint, features.protocol)) + ".pt");
  const ResultCacheKey key{kFeaturesVersion, features.protocol};
  std::optional<ImageSet> known;
  const bool is_known = read_cached_result(file, key, [&](const Dict& kept) {
    known = image_set(name, kept.at("features").tensor(), fingerprint);
  });
  if (ranks.all(is_known)) return *known;
  const ImageSet set = image_set(name, dataset_features(images, name, features, ranks), fingerprint);
  if (!ranks.is_first()) return set;
  Dict content;
  content.set("features", set.features);
  make_folder(cache);
  write_feature_statistics(std::filesystem::path(file).replace_extension(".npz"), set.statistics);
  write_cached_result(file, key, std::move(content));
  return set;
}

ImageSet image_set(const std::string& name, const at::Tensor& features, uint64_t fingerprint) {
  if (features.size(0) < 2) throw DataError(name + ": one picture; a set needs at least two");
  require_finite_rows(features, name, "pictures' features");
  return {name, features, feature_statistics(features), fingerprint};
}

ImageSet read_image_set(const std::filesystem::path& path, const ImageFeatures& features) {
  if (path.extension() != ".npz") return folder_image_set(path, features);
  ImageSet set{path.string(), {}, read_feature_statistics(path)};
  set.fingerprint = hashed(set.statistics.covariance, hashed(set.statistics.mean, 0));
  if (set.statistics.mean.size(0) != features.dimensions) {
    throw DataError(path.string() + ": statistics of " + std::to_string(set.statistics.mean.size(0)) +
                    " dimensions; the features have " + std::to_string(features.dimensions));
  }
  return set;
}

void warn_of_too_few(const ImageFeatures& features) {
  log_warning_once("no more pictures than the " + std::to_string(features.dimensions) +
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
