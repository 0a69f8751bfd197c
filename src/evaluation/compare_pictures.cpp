#include "patronus/evaluation/compare_pictures.h"

#include <nlohmann/json.hpp>

#include "patronus/evaluation/fid_files.h"
#include "patronus/evaluation/image_set.h"

namespace patronus {
namespace {

using Json = nlohmann::ordered_json;

void add_distance(Json& json, const SetDistance& distance, const ImageFeatures& features) {
  json[features.is_fid ? "fid" : "frechet_distance"] = distance.frechet;
  if (distance.too_few) warn_of_too_few(features);
  if (const auto& k = distance.kernel) {
    json[features.is_fid ? "kid" : "kernel_distance"] = {
        {"mean", k->mean}, {"sd", k->deviation}, {"subsets", k->subsets}, {"subset_size", k->subset_size}};
  }
  if (const auto& p = distance.precision_recall) {
    json["precision"] = p->precision;
    json["recall"] = p->recall;
    json["density"] = p->density;
    json["coverage"] = p->coverage;
  }
}

}  // namespace

std::string compare_pictures(const PictureComparison& comparison, const ImageFeatures& features) {
  const ImageSet generated = read_image_set(comparison.images, features);
  if (!comparison.statistics.empty()) write_feature_statistics(comparison.statistics, generated.statistics);
  Json json{
      {"images", comparison.images}, {"count", generated.statistics.count}, {"features", features.protocol}};
  if (!comparison.reference.empty()) {
    const ImageSet real = read_image_set(comparison.reference, features);
    json["reference"] = comparison.reference;
    json["reference_count"] = real.statistics.count;
    add_distance(json, set_distance(real, generated, 0), features);
  }
  return json.dump(2) + "\n";
}

}  // namespace patronus
