#pragma once
#include "patronus/evaluation/image_set.h"
#include "patronus/io/json_text.h"

namespace patronus {

/// The Fréchet distance is called "frechet" here, even if it is the FID.
Json distance_json(const SetDistance& distance);
SetDistance distance_from_json(const Json& json);

}  // namespace patronus
