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

/// How alike a model's prototypes are: as vectors, and in what they say of images (paper, section 5 and Fig.
/// 10). The two need not agree: vectors that are far apart may answer to the same patches.
struct SimilarityEvaluation {
  std::string split;
  int64_t images = 0;
  at::Tensor vectors;      // float32 [P, P]: |cos| of two prototypes
  at::Tensor activations;  // float32 [P, P]: correlation of their activations over the images
  PrototypeHealth health;  // over the same images
};

/// Measures similarity over 1,000 images of a split, or all where there are fewer, drawn at random.
SimilarityEvaluation evaluate_similarity(TrainedModel& trained, const Dataset& images, Split split);

/// The similarity as JSON: of each matrix the mean off its diagonal, "nearest": the mean over prototypes of
/// the largest in their row, and "largest", all of absolute values; and the health.
Json similarity_json(const SimilarityEvaluation& evaluation);

/// The numbers of `similarity_json` as a section of Markdown.
std::string similarity_markdown(const SimilarityEvaluation& evaluation);

/// A matrix [P, P] with the prototypes' numbers.
Table similarity_table(const at::Tensor& matrix);

/// Draws both matrices side by side.
Canvas draw_similarity(const SimilarityEvaluation& evaluation, const PrototypeNames& names);

}  // namespace patronus
