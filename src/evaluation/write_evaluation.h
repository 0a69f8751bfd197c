#pragma once
#include <filesystem>

#include "patronus/evaluation/evaluate.h"

namespace patronus {

/// Writes the parts that are known into a folder of results (io/replace_results.h): `evaluation.json`,
/// `evaluation.md`, and their tables and figures (evaluate.h). Other parts that are there stay where they are
/// of the same weights, seed, precision and data; else they are removed, which is logged.
void write_evaluation(const std::filesystem::path& folder, const TrainedModel& trained,
                      const Evaluation& evaluation);

}  // namespace patronus
