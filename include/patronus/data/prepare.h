#pragma once
#include <filesystem>
#include <string>
#include <vector>

#include "patronus/data/data_report.h"
#include "patronus/data/image_survey.h"
#include "patronus/figures/figure.h"
#include "patronus/figures/grid.h"

namespace patronus {

/// A data set that was decoded, checked and looked at.
struct PreparedData {
  DataReport report{};
  ImageSurvey survey{};
  PixelStatistics statistics{};  // of the training images
  Grid contact_sheet{};          // images of every split and of the first attributes, drawn by seed 0
};

/// Decodes all splits of a data set into the cache and looks at every image. DataError as for opening it
/// (data/dataset.h).
PreparedData prepare_data(const DataConfig& config);

/// One line: sizes of the images, how many are gray, how many have the same pixels as others.
std::string survey_line(const PreparedData& prepared);

/// Says which files of an earlier description in `folder` write_prepared will replace; ConfigError where they
/// are another's (io/replaced_files.h).
void announce_prepared(const std::filesystem::path& folder);

/// Writes into `folder`: `data.json` and `data.md` (the report, sizes, identical images, statistics), and the
/// figure `contact-sheet`.
void write_prepared(const std::filesystem::path& folder, const PreparedData& prepared,
                    const std::vector<FigureFormat>& formats);

}  // namespace patronus
