#pragma once
#include <filesystem>

#include "patronus/evaluation/evaluate.h"

namespace patronus {

/// What all parts of an evaluation are of: the checkpoint, with a hash of its file, which takes long for a
/// large one, the kind of weights, seed, precision and data.
Json evaluation_header(const TrainedModel& trained);

/// ConfigError where the folder holds parts of the same checkpoint with another seed, precision, kind of
/// weights or data: they would be lost. Those that another version of the program wrote, which says other
/// things of the data, do not count.
void require_no_parts_of_others(const std::filesystem::path& folder, const Json& header);

/// Writes the parts that are known, behind their `header`, into a folder of results (io/replace_results.h):
/// `evaluation.json`, `evaluation.md`, and their tables and figures (evaluate.h). Other parts that are there
/// stay where they are of the same weights, seed, precision and data; else they are removed, which is logged.
void write_evaluation(const std::filesystem::path& folder, const Json& header, const TrainedModel& trained,
                      const Evaluation& evaluation);

}  // namespace patronus
