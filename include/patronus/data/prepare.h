#pragma once
#include <filesystem>
#include <string>
#include <vector>

#include "patronus/data/data_report.h"
#include "patronus/data/image_survey.h"
#include "patronus/figures/figure.h"
#include "patronus/figures/grid.h"

namespace patronus {

/// A decoded, checked and surveyed data set.
struct PreparedData {
  DataReport report{};
  ImageSurvey survey{};
  PixelStatistics statistics{};  // of the training images
  Grid contact_sheet{};          // images by split and first attributes, drawn with seed 0
};

/// Decodes all splits of a data set into the cache and examines every image. Throws DataError as opening does
/// (data/dataset.h).
PreparedData prepare_data(const DataConfig& config);

/// One-line summary: image sizes, and how many images are gray or have the same pixels as others.
std::string survey_line(const PreparedData& prepared);

/// Logs which files of an earlier description in `folder` write_prepared will replace. Throws ConfigError if
/// they come from something else (io/replaced_files.h).
void announce_prepared(const std::filesystem::path& folder);

/// Writes to `folder`: `data.json` and `data.md` (report, sizes, identical images, statistics) and the figure
/// `contact-sheet`.
void write_prepared(const std::filesystem::path& folder, const PreparedData& prepared,
                    const std::vector<FigureFormat>& formats);

}  // namespace patronus
