#pragma once
#include "data/listed_images.h"

namespace patronus {

/// A data set and its parts.
struct DividedImages {
  ListedImages images;
  Division division;

  const std::vector<int64_t>& rows(Split split) const {
    return split == Split::kTrain  ? division.train
           : split == Split::kTest ? division.test
                                   : division.validation;
  }
};

/// Lists the data set that `config` describes, with the attributes and images that it asks for, and divides
/// it.
/// DataError, naming both, when one file is an image of both halves, be it under two names; ConfigError for
/// an attribute that there is not.
DividedImages list_divided(const DataConfig& config);

/// All images of the folder `config.path`, whatever its folders stand for, as training images.
DividedImages list_undivided(const DataConfig& config);

}  // namespace patronus
