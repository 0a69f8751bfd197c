#pragma once
#include <nlohmann/json.hpp>

#include "patronus/evaluation/evaluate.h"
#include "patronus/io/table.h"

namespace patronus {

nlohmann::ordered_json representation_json(const Representation& representation);
nlohmann::ordered_json reconstruction_json(const ReconstructionEvaluation& reconstruction);
/// Distances under the names "fid" and "kid" only where they are that, else "frechet_distance" and
/// "kernel_distance".
nlohmann::ordered_json generation_json(const GenerationEvaluation& generation);

/// A row an attribute: AUROC of every representation's probe, the prototype that tells it best, what is
/// captured.
Table attribute_table(const Representation& representation);

}  // namespace patronus
