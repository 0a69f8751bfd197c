#pragma once
#include "data/listed_images.h"

namespace patronus {

/// A data set and its splits.
struct DividedImages {
  ListedImages images;
  Division division;
};

/// Lists the data set of `config`, with the requested attributes and images, and divides it. Throws
/// DataError, naming both images, if one file is a training and a test image (even under two names);
/// ConfigError for an attribute that does not exist, and for an invalid `data.where`.
DividedImages list_divided(const DataConfig& config);

/// Lists all images below the folder `config.path` as training images, regardless of the names of its
/// subfolders.
DividedImages list_undivided(const DataConfig& config);

}  // namespace patronus
