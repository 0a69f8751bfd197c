#pragma once
#include "data/cache_file.h"
#include "data/decode.h"
#include "patronus/data/data_config.h"

namespace patronus {

/// Maps the decoded images of `source` from the cache folder. Decodes them first if they are not there, or if
/// the file is damaged or made from other data (which is logged). The key in the file name,
/// <kind>-<split>-<key>.cache, is a hash of the names and states of the images and of all settings that
/// change a pixel. Pixels are uint8 if no image had to be resized, which is exact; else int16 in units of
/// 1/16384, with an error of at most 3.1e-5 and room for the overshoot of resizing. If several processes need
/// the same cache, one writes it and the others wait; without file locks, each writes its own file and
/// renames it. Throws DataError if images cannot be decoded and `config.skip_unreadable` is off, or if none
/// can be decoded. If more than three cannot, all are listed in <kind>-<split>-<key>.unreadable.txt.
CachedImages cached_images(const ImageSource& source, const DataConfig& config, Split split);

}  // namespace patronus
