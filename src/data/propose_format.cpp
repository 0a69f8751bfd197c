#include <algorithm>

#include "data/divided_images.h"
#include "patronus/core/error.h"
#include "patronus/core/log.h"
#include "patronus/core/pixels.h"
#include "patronus/data/image_survey.h"

namespace patronus {
namespace {

constexpr size_t kMaxExamined = 64;
constexpr int64_t kSmallPictures = 48;  // median shorter side below which 32 pixels are proposed, not 64

/// Properties of the examined pictures.
struct Pictures {
  std::vector<int64_t> shorter_sides{};  // [pictures], ascending
  size_t gray = 0;                       // number of gray pictures
};

Pictures look_at_some(const ListedImages& images) {
  Pictures pictures;
  const size_t count = images.names.size(), looked_at = std::min(count, kMaxExamined);
  for (size_t i = 0; i < looked_at; ++i) {
    try {
      const auto pixels = images.read(static_cast<int64_t>(i * count / looked_at));
      pictures.shorter_sides.push_back(std::min(pixels.size(1), pixels.size(2)));
      if (is_gray(pixels)) ++pictures.gray;
    } catch (const DataError&) {
      // Opening the data set reports images that cannot be decoded.
    }
  }
  std::sort(pictures.shorter_sides.begin(), pictures.shorter_sides.end());
  return pictures;
}

}  // namespace

void propose_format(DataConfig& config) {
  if (config.size > 0 && config.channels > 0) return;
  DataConfig as_is = config;
  as_is.channels = 3;
  as_is.size = 64;
  const ListedImages images = list_divided(as_is).images;
  const Pictures pictures = look_at_some(images);
  const size_t seen = pictures.shorter_sides.size();
  const std::string shown = shown_path(config).string();
  if (seen == 0) throw DataError(shown + ": no picture could be decoded; give data.size and data.channels");
  const int64_t side = pictures.shorter_sides[seen / 2];
  if (config.size == 0) config.size = side < kSmallPictures ? 32 : 64;
  if (config.channels == 0) config.channels = pictures.gray == seen ? 1 : 3;
  log_info(shown + ": taking data.size=" + std::to_string(config.size) + " and data.channels=" +
           std::to_string(config.channels) + ", for of " + std::to_string(seen) + " images looked at " +
           std::to_string(pictures.gray) + " are gray, and the shorter side's median is " +
           std::to_string(side) + " pixels; give others to change that");
}

}  // namespace patronus
