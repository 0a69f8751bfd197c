#include "patronus/evaluation/similarity.h"

#include <ATen/Functions.h>
#include <ATen/TensorOperators.h>
#include <c10/core/GradMode.h>

#include <nlohmann/json.hpp>

#include "patronus/analysis/edit.h"
#include "patronus/analysis/encode.h"
#include "patronus/core/random.h"
#include "patronus/figures/grid.h"
#include "patronus/figures/matrix_plot.h"
#include "patronus/io/json_text.h"
#include "patronus/metrics/correlation.h"
#include "patronus/models/losses.h"
#include "patronus/run/record.h"

namespace patronus {
namespace {

/// Absolute values off a matrix's diagonal; 0 for a single prototype.
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

Record matrix_record(const std::string& name, const at::Tensor& matrix) {
  const OffDiagonal numbers = off_diagonal(matrix);
  return {shown("of their", name),
          {"mean", numbers.mean, "mean"},
          {"nearest", numbers.nearest, "mean of each one's nearest"},
          {"largest", numbers.largest, "largest"}};
}

std::vector<Record> matrix_records(const SimilarityEvaluation& e) {
  return {matrix_record("vectors: cosine", e.vectors),
          matrix_record("activations: correlation", e.activations)};
}

Record health_record(const PrototypeHealth& h) {
  return {
      {"prototypes", h.count, "prototypes"},      {"dead", h.dead, "dead"},
      {"duplicates", h.duplicates, "duplicates"}, {"winners", h.winners, "nearest to some patch"},
      {"median_range", h.median_range},           {"effective_rank", h.effective_rank, "effective rank", 1}};
}

MatrixPlot matrix_plot(const at::Tensor& matrix, const std::string& title, const PrototypeNames& names) {
  MatrixPlot plot{.values = matrix, .title = title, .x_label = "prototype", .y_label = "prototype"};
  for (int64_t k = 0; k < matrix.size(0); ++k) {
    plot.row_labels.push_back(names.label(k));
    plot.column_labels.push_back(std::to_string(k));
  }
  return plot;
}

}  // namespace

SimilarityEvaluation evaluate_similarity(TrainedModel& trained, const Dataset& images, Split split) {
  const c10::NoGradGuard no_grad;
  constexpr int64_t kImages = 1000;
  PrototypeEncoder& encoder = trained.model.encoder;
  const auto indices = draw_common_indices(images.size(), kImages, "similarity");
  return {.split = to_string(split),
          .images = indices.size(0),
          .vectors = cosine_similarities(encoder->prototypes().flatten(1)).abs().cpu(),
          .activations = correlations(encode_activations(encoder, images, indices, trained.ranks)),
          .health = prototype_health(encoder, images.images(indices))};
}

Json similarity_json(const SimilarityEvaluation& e) {
  const auto matrices = matrix_records(e);
  return {{"protocol",
           {{"split", e.split},
            {"images", e.images},
            {"vectors", "|cos| of two prototypes"},
            {"activations", "absolute correlation of two prototypes' activations"}}},
          {"vectors", record_json(matrices[0])},
          {"activations", record_json(matrices[1])},
          {"health", record_json(health_record(e.health))}};
}

std::string similarity_markdown(const SimilarityEvaluation& e) {
  return "## Similarity\n\nOf two prototypes, over " + std::to_string(e.images) + " images of the " +
         e.split + " split, in absolute values.\n\n" + record_markdown(matrix_records(e)) + "\n" +
         record_markdown({health_record(e.health)}) + "\n";
}

Table similarity_table(const at::Tensor& matrix) {
  const auto prototypes = chosen_prototypes({}, matrix.size(0));
  return matrix_table("prototype", prototypes, prototypes, matrix);
}

Canvas draw_similarity(const SimilarityEvaluation& e, const PrototypeNames& names) {
  MatrixPlot vectors = matrix_plot(e.vectors, "Vectors: |cos|", names);
  vectors.from_zero = true;
  return draw_grid({.rows = {{draw_matrix(vectors),
                              draw_matrix(matrix_plot(e.activations, "Activations: correlation", names))}}});
}

}  // namespace patronus
