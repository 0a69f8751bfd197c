#pragma once
#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "patronus/data/data_config.h"
#include "patronus/data/data_report.h"
#include "patronus/data/dataset.h"

namespace patronus {

/// How many images have a size.
struct SizeCount {
  int64_t width = 0;
  int64_t height = 0;
  SplitCount images{};
};

/// What the images of a data set are like, as they lie on the disk.
struct ImageSurvey {
  std::vector<SizeCount> sizes{};  // the most frequent first
  SplitCount gray{};               // images whose channels are equal in every pixel
  // Images with the same pixels, as "train a.png" and "test b.png", two or more a group.
  std::vector<std::vector<std::string>> identical{};
  SplitCount repeated{};  // images in these groups
  int64_t shared = 0;     // test images that have the pixels of a training image
};

/// Of the splits that were opened, without decoding anything again.
ImageSurvey survey_images(const DataListing& listing);

/// Mean and standard deviation of the pixels of every channel, in [0, 1].
struct PixelStatistics {
  std::vector<double> mean{};
  std::vector<double> deviation{};
};

/// The statistics of images as a model gets them.
PixelStatistics pixel_statistics(const Dataset& images);

/// Fills in `size` and `channels` where they are 0, and says so and why: 64 pixels, or 32 where the median
/// of the pictures' shorter sides is below 48; 3 channels, or 1 where all pictures are gray. It looks
/// at 64 pictures, evenly over the list. DataError where none of these can be decoded.
void propose_format(DataConfig& config);

}  // namespace patronus
