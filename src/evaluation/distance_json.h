#pragma once
#include "patronus/evaluation/image_set.h"
#include "patronus/io/json_text.h"

namespace patronus {

/// Whether or not its Fréchet distance is the FID, it is called "frechet" here.
Json distance_json(const SetDistance& distance);
SetDistance distance_from(const Json& json);

}  // namespace patronus
