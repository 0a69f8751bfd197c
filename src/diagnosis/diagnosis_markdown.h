#pragma once
#include <string>

#include "patronus/diagnosis/diagnose.h"
#include "patronus/run/trained_model.h"

namespace patronus {

/// The findings in words and tables.
std::string diagnosis_markdown(const Diagnosis& diagnosis, const TrainedModel& trained);

/// "blond_hair brings smile", "hat removes glasses".
std::string finding_text(const Diagnosis& diagnosis, const PairEffect& pair);

}  // namespace patronus
