#pragma once
#include "data/cache_file.h"
#include "data/decode.h"
#include "patronus/data/data_config.h"

namespace patronus {

/// Maps the decoded images of `source` from the cache folder; decodes them into it first where they are
/// absent, of other data, or damaged (which is logged). The key of the file, <kind>-<split>-<key>.cache,
/// stands for the names and states of the images and for all settings that change a pixel. Pixels are uint8
/// where no image had to be resized, which is exact, else int16 in units of 1/16384: an error of at
/// most 3.1e-5, and room for the overshoot of the resize. A process that writes the same cache at the same
/// time does no harm: each writes a file of its own and renames it. DataError when images cannot be decoded
/// and `config.skip_unreadable` is off, or when none is left; where they are more than three, all are listed
/// in <kind>-<split>-<key>.unreadable.txt.
CachedImages cached_images(const ImageSource& source, const DataConfig& config, Split split);

}  // namespace patronus
