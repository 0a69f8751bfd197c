#pragma once
#include <ATen/core/Tensor.h>

#include <string>

#include "patronus/data/dataset.h"
#include "patronus/figures/canvas.h"
#include "patronus/io/json_text.h"
#include "patronus/io/table.h"
#include "patronus/models/prototype_health.h"
#include "patronus/run/trained_model.h"

namespace patronus {

/// Similarity of a model's prototypes, of their vectors and of their activations (paper, section 5 and Fig.
/// 10). The two may differ: distant vectors can respond to the same patches.
struct SimilarityEvaluation {
  std::string split;
  int64_t images = 0;
  at::Tensor vectors;      // float32 [P, P]: |cos| between prototype vectors
  at::Tensor activations;  // float32 [P, P]: correlation of activations over the images
  PrototypeHealth health;  // over the same images
};

/// Measures similarity over 1,000 images of a split drawn at random, or all if fewer.
SimilarityEvaluation evaluate_similarity(TrainedModel& trained, const Dataset& images, Split split);

/// Similarity as JSON: for each matrix, of absolute values, the off-diagonal mean, "nearest" (mean over
/// prototypes of the largest in their row) and "largest"; and the prototype health.
Json similarity_json(const SimilarityEvaluation& evaluation);

/// The values of `similarity_json` as a Markdown section.
std::string similarity_markdown(const SimilarityEvaluation& evaluation);

/// A matrix [P, P] as a table with prototype numbers.
Table similarity_table(const at::Tensor& matrix);

/// Draws both matrices side by side.
Canvas draw_similarity(const SimilarityEvaluation& evaluation, const PrototypeNames& names);

}  // namespace patronus
