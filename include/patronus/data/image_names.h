#pragma once
#include <cstdint>
#include <string>
#include <vector>

#include "patronus/data/dataset.h"

namespace patronus {

/// Finds an image by its name in the data set ("img_align_celeba/000123.jpg"), by a unique name without
/// folders ("000123.jpg"), or by index. Throws ConfigError if nothing matches or the name is ambiguous.
int64_t find_image(const Dataset& images, const std::string& name);

/// Finds an image of `split` of `data`, given as `images`; the error for an unknown name mentions another
/// split that has it.
int64_t find_image(const Dataset& images, const std::string& name, const DataConfig& data, Split split);

/// The image names in `words`, in order: a word with commas is one name if an image is called so, else
/// several.
std::vector<std::string> separate_names(const Dataset& images, const std::vector<std::string>& words);

}  // namespace patronus
