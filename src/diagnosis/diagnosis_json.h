#pragma once
#include <nlohmann/json.hpp>

#include "patronus/diagnosis/diagnose.h"
#include "patronus/run/trained_model.h"

namespace patronus {

/// Everything that a diagnosis found, with its protocol: model, images, settings and judge.
nlohmann::ordered_json diagnosis_json(const Diagnosis& diagnosis, const TrainedModel& trained);

}  // namespace patronus
