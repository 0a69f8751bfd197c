#pragma once
#include <CLI/CLI.hpp>
#include <cstdint>
#include <string>
#include <vector>

#include "patronus/data/dataset.h"
#include "patronus/run/trained_model.h"

namespace patronus::cli {

/// Which images a command works on: --images, --split, --select, --where, --first, --count.
struct ImageSelection {
  std::string images;
  Split split = Split::kTest;
  std::vector<std::string> select = {};  // names or numbers, also several with commas
  std::string where;                     // a condition on their attributes
  int64_t first = 0;
  int64_t count = 0;  // 0: all
};
void add_image_selection(CLI::App& command, ImageSelection& selection, int64_t default_count);
/// All but --first and --count, for commands that draw among the images.
void add_image_source(CLI::App& command, ImageSelection& selection);

/// Part of a list: `count` elements from `first` on.
struct ListPart {
  int64_t first;
  int64_t count;
};
/// What --first and --count select of `size` things; fewer than --count are logged, ConfigError when that is
/// nothing.
ListPart selected_part(const ImageSelection& selection, int64_t size, const std::string& things);

/// A split of the run's data set, or the folder --images, whole, in its place; prepared as in training. Of
/// these the images that --select names, or for which --where holds, which is logged.
Dataset open_split(const TrainedModel& trained, const ImageSelection& selection);

/// The image that `name` means among `images` of `open_split`. The ConfigError for one of another split names
/// that split.
int64_t selected_image(const TrainedModel& trained, const ImageSelection& selection, const Dataset& images,
                       const std::string& name);

/// What analyses compare with, whatever --images says: the training split of the run's data set. Where that
/// cannot be opened, the folder --images, with a warning.
Dataset open_real_images(const TrainedModel& trained, const ImageSelection& selection);

struct SelectedImages {
  Dataset dataset;
  int64_t first;
  int64_t count;
};
/// The images that all options select. ConfigError when there are none.
SelectedImages open_images(const TrainedModel& trained, const ImageSelection& selection);

}  // namespace patronus::cli
