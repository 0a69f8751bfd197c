#pragma once
#include "data/listed_images.h"

namespace patronus {

/// A data set and its splits.
struct DividedImages {
  ListedImages images;
  Division division;
};

/// Lists the data set that `config` describes, with the attributes and images that it asks for, and divides
/// it.
/// DataError, naming both, when one file is a training and a test image, be it under two names; ConfigError
/// for an attribute that there is not.
DividedImages list_divided(const DataConfig& config);

/// All images of the folder `config.path`, whatever its folders stand for, as training images.
DividedImages list_undivided(const DataConfig& config);

}  // namespace patronus
