#pragma once
#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "patronus/data/data_config.h"
#include "patronus/data/data_report.h"
#include "patronus/data/dataset.h"

namespace patronus {

/// Number of images of one size.
struct SizeCount {
  int64_t width = 0;
  int64_t height = 0;
  SplitCount images{};
};

/// Properties of the images of a data set as stored on disk.
struct ImageSurvey {
  std::vector<SizeCount> sizes{};  // most frequent first
  SplitCount gray{};               // images whose channels are equal in every pixel
  // Groups of two or more images with the same pixels, as "train a.png" and "test b.png".
  std::vector<std::vector<std::string>> identical{};
  SplitCount repeated{};  // images in these groups
  int64_t shared = 0;     // test images with the pixels of a training image
};

/// Surveys the opened splits without decoding anything again.
ImageSurvey survey_images(const DataListing& listing);

/// Mean and standard deviation of each channel's pixels, in [0, 1].
struct PixelStatistics {
  std::vector<double> mean{};
  std::vector<double> deviation{};
};

/// Computes the statistics of preprocessed images, as the model gets them.
PixelStatistics pixel_statistics(const Dataset& images);

/// Sets `size` and `channels` where they are 0 and logs why: 64 pixels, or 32 if the median shorter side is
/// below 48; 3 channels, or 1 if all pictures are gray. Examines 64 pictures, spread evenly over the list.
/// Throws DataError if none of them can be decoded.
void propose_format(DataConfig& config);

}  // namespace patronus
