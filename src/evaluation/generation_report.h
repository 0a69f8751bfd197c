#pragma once
#include <string>

#include "patronus/evaluation/evaluate.h"
#include "patronus/io/json_text.h"
#include "patronus/run/record.h"

namespace patronus {

/// The numbers of a distance, of which the first two are called "fid" and "kid" only where they are that,
/// else "frechet_distance" and "kernel_distance".
Record distance_record(const SetDistance& distance, bool is_fid);

/// Protocol, remarks; of every report its numbers as means over the sets, and each set's own.
Json generation_json(const GenerationEvaluation& evaluation);

/// A section of the report: a line a kind of generated images (paper, Table 2).
std::string generation_markdown(const GenerationEvaluation& evaluation);

}  // namespace patronus
