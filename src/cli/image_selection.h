#pragma once
#include <CLI/CLI.hpp>
#include <cstdint>
#include <string>
#include <vector>

#include "patronus/data/dataset.h"
#include "patronus/run/trained_model.h"

namespace patronus::cli {

/// Selects the images that a command works on: --images, --split, --select, --where, --first and --count.
struct ImageSelection {
  std::string images;
  Split split = Split::kTest;
  std::vector<std::string> select = {};  // names or numbers; an element may list several, separated by commas
  std::string where;                     // condition on the images' attributes
  int64_t first = 0;
  int64_t count = 0;  // 0: all
};
void add_image_selection(CLI::App& command, ImageSelection& selection, int64_t default_count);
/// Adds the options of add_image_selection but --first and --count, for commands that draw images at random.
void add_image_source(CLI::App& command, ImageSelection& selection);

/// A range of a list: `count` elements from `first` on.
struct ListPart {
  int64_t first;
  int64_t count;
};
/// The range of a list of `size` elements that --first and --count select. Logs if fewer than --count are
/// left. Throws ConfigError if none is left. `things`: plural noun for messages.
ListPart selected_part(const ImageSelection& selection, int64_t size, const std::string& things);

/// Opens a split of the run's data set or, if given, the whole folder --images, preprocessed as in training.
/// Keeps only the images named with --select, or those that satisfy --where; logs the number of the latter.
Dataset open_split(const TrainedModel& trained, const ImageSelection& selection);

/// Index in `images`, from `open_split`, of the image called `name`. Throws ConfigError as find_image
/// (data/image_names.h).
int64_t selected_image(const TrainedModel& trained, const ImageSelection& selection, const Dataset& images,
                       const std::string& name);

/// Opens the real images to compare with, which do not depend on the other options: the training split of the
/// run's data set. If it cannot be opened, falls back to the folder --images with a warning, or throws
/// DataError if none is given.
Dataset open_real_images(const TrainedModel& trained, const ImageSelection& selection);

struct SelectedImages {
  Dataset dataset;
  int64_t first;
  int64_t count;
};
/// Opens the images selected by all options. Throws ConfigError if there are none.
SelectedImages open_images(const TrainedModel& trained, const ImageSelection& selection);

}  // namespace patronus::cli
