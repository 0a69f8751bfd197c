#include "patronus/evaluation/similarity.h"

#include <ATen/Functions.h>
#include <ATen/TensorOperators.h>
#include <c10/core/GradMode.h>

#include <numeric>

#include "patronus/analysis/encode.h"
#include "patronus/analysis/result_numbers.h"
#include "patronus/core/random.h"
#include "patronus/io/markdown.h"
#include "patronus/io/matrix_plot.h"
#include "patronus/io/plot.h"
#include "patronus/models/losses.h"

namespace patronus {
namespace {

using Json = nlohmann::ordered_json;

/// Of absolute values off a matrix's diagonal; 0 for one prototype.
struct OffDiagonal {
  double mean = 0;
  double nearest = 0;
  double largest = 0;
};

OffDiagonal off_diagonal(const at::Tensor& matrix) {
  const int64_t count = matrix.size(0);
  if (count < 2) return {};
  const auto others = matrix.abs().fill_diagonal_(0);
  return {others.sum().item<double>() / static_cast<double>(count * (count - 1)),
          others.amax(1).mean().item<double>(), others.max().item<double>()};
}

Json matrix_json(const at::Tensor& matrix) {
  const OffDiagonal numbers = off_diagonal(matrix);
  return {{"mean", numbers.mean}, {"nearest", numbers.nearest}, {"largest", numbers.largest}};
}

std::string matrix_row(const std::string& name, const at::Tensor& matrix) {
  const OffDiagonal numbers = off_diagonal(matrix);
  return markdown_line({name, fixed(numbers.mean, 3), fixed(numbers.nearest, 3), fixed(numbers.largest, 3)});
}

MatrixPlot matrix_plot(const at::Tensor& matrix, const std::string& title) {
  MatrixPlot plot{.values = matrix, .title = title, .x_label = "prototype", .y_label = "prototype"};
  for (int64_t k = 0; k < matrix.size(0); ++k) plot.row_labels.push_back(std::to_string(k));
  plot.column_labels = plot.row_labels;
  return plot;
}

}  // namespace

SimilarityEvaluation evaluate_similarity(TrainedModel& trained, const Dataset& images, Split split) {
  const c10::NoGradGuard no_grad;
  constexpr int64_t kImages = 1000;
  PrototypeEncoder& encoder = trained.model.encoder;
  const auto indices = draw_indices(images.size(), kImages, derive_seed(0, "similarity"));
  return {.split = to_string(split),
          .images = indices.size(0),
          .vectors = cosines(encoder->prototypes().flatten(1)).abs().cpu(),
          .activations = activation_correlations(encode_activations(encoder, images, indices)),
          .health = prototype_health(encoder, images.images(indices).to(trained.device))};
}

Json similarity_json(const SimilarityEvaluation& e) {
  return {{"protocol",
           {{"split", e.split},
            {"images", e.images},
            {"vectors", "|cos| of two prototypes"},
            {"activations", "absolute correlation of two prototypes' activations"}}},
          {"vectors", matrix_json(e.vectors)},
          {"activations", matrix_json(e.activations)},
          {"health",
           {{"prototypes", e.health.count},
            {"dead", e.health.dead},
            {"duplicates", e.health.duplicates},
            {"winners", e.health.winners},
            {"median_range", e.health.median_range},
            {"effective_rank", e.health.effective_rank}}}};
}

std::string similarity_markdown(const SimilarityEvaluation& e) {
  return "## Similarity\n\nOf two prototypes, over " + std::to_string(e.images) + " images of the " +
         e.split + " split, in absolute values.\n\n" +
         markdown_head({"of their", "mean", "mean of each one's nearest", "largest"}) +
         matrix_row("vectors: cosine", e.vectors) + matrix_row("activations: correlation", e.activations) +
         "\n" +
         markdown_head({"prototypes", "dead", "duplicates", "nearest to some patch", "effective rank"}) +
         markdown_line({std::to_string(e.health.count), std::to_string(e.health.dead),
                        std::to_string(e.health.duplicates), std::to_string(e.health.winners),
                        fixed(e.health.effective_rank, 1)}) +
         "\n";
}

Table similarity_table(const at::Tensor& matrix) {
  std::vector<int64_t> prototypes(static_cast<size_t>(matrix.size(0)));
  std::iota(prototypes.begin(), prototypes.end(), 0);
  return matrix_table("prototype", prototypes, prototypes, matrix);
}

Canvas draw_similarity(const SimilarityEvaluation& e) {
  return draw_grid({.rows = {{draw_matrix(matrix_plot(e.vectors, "Vectors: |cos|")),
                              draw_matrix(matrix_plot(e.activations, "Activations: correlation"))}}});
}

}  // namespace patronus
