#pragma once
#include <cstdint>
#include <string>
#include <vector>

#include "patronus/data/dataset.h"

namespace patronus {

/// The image that `name` means: a file as the data set names it ("img_align_celeba/000123.jpg"), or without
/// its folders where one image alone is called so ("000123.jpg"), or else an index. ConfigError for none of
/// these, and for a name that several images have.
int64_t find_image(const Dataset& images, const std::string& name);

/// The images that `names` mean, in their order.
Dataset named_images(const Dataset& images, const std::vector<std::string>& names);

/// The same of the images of a split of `data`; the error for a name says in which other split it is, if it
/// is in one.
Dataset named_images(const Dataset& images, const std::vector<std::string>& names, const DataListing& data,
                     Split split);

}  // namespace patronus
