#include "patronus/evaluation/compare_pictures.h"

#include <nlohmann/json.hpp>

#include "evaluation/generation_report.h"
#include "patronus/evaluation/fid_files.h"
#include "patronus/evaluation/image_set.h"
#include "patronus/io/json_text.h"

namespace patronus {

namespace {

/// Number of images; null if only statistics are known, which do not include it.
Json count_json(const ImageSet& images) {
  return images.statistics.count > 0 ? Json(images.statistics.count) : Json();
}

}  // namespace

std::string compare_pictures(const PictureComparison& comparison, const ImageFeatures& features) {
  const ImageSet generated = read_image_set(comparison.images, features);
  if (!comparison.statistics.empty()) write_feature_statistics(comparison.statistics, generated.statistics);
  Json json{{"images", comparison.images}, {"count", count_json(generated)}, {"features", features.protocol}};
  if (!comparison.reference.empty()) {
    const ImageSet real = read_image_set(comparison.reference, features);
    json["reference"] = comparison.reference;
    json["reference_count"] = count_json(real);
    const SetDistance distance = set_distance(real, generated, 0);
    if (distance.too_few) warn_of_too_few(features);
    json.update(record_json(distance_record(distance, features.is_fid)));
  }
  return json_text(json);
}

}  // namespace patronus
