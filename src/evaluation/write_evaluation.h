#pragma once
#include <filesystem>

#include "patronus/evaluation/evaluate.h"

namespace patronus {

/// Writes the parts that are known: `evaluation.json`, `evaluation.md`, and their tables and figures
/// (evaluate.h).
void write_evaluation(const std::filesystem::path& folder, const TrainedModel& trained,
                      const Evaluation& evaluation);

}  // namespace patronus
