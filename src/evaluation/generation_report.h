#pragma once
#include <filesystem>
#include <string>
#include <vector>

#include "patronus/evaluation/evaluate.h"
#include "patronus/io/json_text.h"
#include "patronus/run/record.h"

namespace patronus {

/// The numbers of a distance. The first two are called "fid" and "kid" only if they are that; else
/// "frechet_distance" and "kernel_distance".
Record distance_record(const SetDistance& distance, bool is_fid);

/// What sets are compared with and made from, and what is not as asked for, in sentences.
std::vector<std::string> comparison_remarks(const GenerationEvaluation& evaluation);

/// Protocol and remarks; for every report, means over its sets and each set's numbers.
Json generation_json(const GenerationEvaluation& evaluation);

/// Section of the report with one row per kind of images (paper, Table 2).
std::string generation_markdown(const GenerationEvaluation& evaluation);

/// Writes `generation.csv`, one row per kind of images, and `generation-sets.csv`, one per set.
void write_generation(const std::filesystem::path& folder, const GenerationEvaluation& evaluation);

}  // namespace patronus
