#pragma once
#include <nlohmann/json.hpp>

#include "patronus/evaluation/image_set.h"

namespace patronus {

/// Whether or not its Fréchet distance is the FID, it is called "frechet" here.
nlohmann::ordered_json distance_json(const SetDistance& distance);
SetDistance distance_from(const nlohmann::ordered_json& json);

}  // namespace patronus
