#include "patronus/evaluation/representation.h"

#include <ATen/Functions.h>
#include <ATen/TensorOperators.h>
#include <c10/core/GradMode.h>

#include <algorithm>

#include "patronus/analysis/encode.h"
#include "patronus/core/error.h"
#include "patronus/core/log.h"
#include "patronus/core/random.h"
#include "patronus/metrics/auroc.h"
#include "patronus/metrics/pca.h"

namespace patronus {
namespace {

constexpr const char* kLabel = "label";

std::vector<int64_t> distinct_values(const at::Tensor& column) {
  const auto values = std::get<0>(at::_unique(column, /*sorted=*/true));
  return {values.const_data_ptr<int64_t>(), values.const_data_ptr<int64_t>() + values.numel()};
}

std::string class_name(const AttributeTable& table, int64_t value) {
  const bool named = value >= 0 && value < static_cast<int64_t>(table.classes.size());
  return named ? table.classes[static_cast<size_t>(value)] : "class " + std::to_string(value);
}

/// Class labels of the images, undefined where they have none.
at::Tensor class_labels(const AttributeTable& table) {
  const auto column = std::find(table.names.begin(), table.names.end(), kLabel);
  return column == table.names.end() ? at::Tensor() : table.values.select(1, column - table.names.begin());
}

AttributeTable rows_of(const AttributeTable& table, const at::Tensor& indices) {
  return {table.names, table.values.index_select(0, indices), table.classes};
}

/// Pixels, of larger images those of a smaller copy, projected onto `count` principal components.
at::Tensor pixel_components(const Dataset& images, const at::Tensor& indices, int64_t count) {
  constexpr int64_t kSide = 32, kBatch = 256;
  std::vector<at::Tensor> small;
  for (const auto& batch : indices.split(kBatch)) {
    const auto part = images.images(batch);
    const bool large = part.size(-1) > kSide;
    small.push_back((large ? at::adaptive_avg_pool2d(part, {kSide, kSide}) : part).flatten(1));
  }
  const auto pixels = at::cat(small);
  return fit_pca(pixels, std::min({count, pixels.size(0), pixels.size(1)})).projected(pixels);
}

/// Activations of the encoder as training would have begun with it.
at::Tensor untrained_activations(const TrainedModel& trained, const Dataset& images,
                                 const at::Tensor& indices) {
  PatronusModel model = make_model(trained.config);
  model.to(trained.device);
  model.eval();
  if (trained.config.model.prototypes.init == "data") {
    constexpr int64_t kImages = 512;
    const auto seed = derive_seed(static_cast<uint64_t>(trained.config.seed), "random encoder");
    const auto chosen = indices.index_select(0, draw_indices(indices.size(0), kImages, seed));
    model.encoder->choose_prototypes(images.images(chosen).to(trained.device), make_generator(seed));
  }
  return encode_activations(model.encoder, images, indices);
}

at::Tensor mean_over(const TadOverFolds& tad, at::Tensor Tad::*quantity) {
  std::vector<at::Tensor> folds;
  for (const auto& fold : tad.folds) folds.push_back(fold.*quantity);
  return at::stack(folds).mean(0);
}

/// Whether it holds for attribute `a` in more than half of the folds.
bool in_most_folds(const TadOverFolds& tad, at::Tensor Tad::*flag, int64_t a) {
  size_t count = 0;
  for (const auto& fold : tad.folds) count += (fold.*flag)[a].item<bool>();
  return 2 * count > tad.folds.size();
}

AttributeCapture capture_of(const Representation& r, const at::Tensor& single, const at::Tensor& positive,
                            int64_t a) {
  constexpr int64_t kBest = 5;
  const RepresentationScores& prototypes = r.scores.front();
  const auto order = single[a].argsort(/*stable=*/true, /*dim=*/0, /*descending=*/true);
  AttributeCapture capture{.name = r.attributes.names[static_cast<size_t>(a)],
                           .probe = attribute_auroc(prototypes.probe, a)};
  for (int64_t i = 0; i < std::min(kBest, order.size(0)); ++i) {
    capture.best_prototypes.push_back(order[i].item<int64_t>());
  }
  capture.prototype = capture.best_prototypes.front();
  capture.auroc = single[a][capture.prototype].item<double>();
  capture.positive_auroc = positive[a][capture.prototype].item<double>();
  if (order.size(0) > 1) capture.second = single[a][order[1]].item<double>();
  capture.redundancy = mean_over(prototypes.tad, &Tad::redundancy)[a].item<double>();
  capture.possible = in_most_folds(prototypes.tad, &Tad::possible, a);
  capture.captured = in_most_folds(prototypes.tad, &Tad::captured, a);
  return capture;
}

}  // namespace

BinaryAttributes binary_attributes(const AttributeTable& table) {
  BinaryAttributes binary;
  std::vector<at::Tensor> columns;
  for (size_t c = 0; c < table.names.size(); ++c) {
    const auto column = table.values.select(1, static_cast<int64_t>(c)).contiguous();
    const auto values = distinct_values(column);
    const bool is_label = table.names[c] == kLabel;
    if (values.size() < 2 || (values.size() > 2 && !is_label)) {
      binary.left_out.push_back(table.names[c]);
      continue;
    }
    if (values.size() == 2) {  // of two classes, too: each is the other's absence
      binary.names.push_back(is_label ? class_name(table, values.back()) : table.names[c]);
      columns.push_back(column == values.back());
      continue;
    }
    for (const int64_t value : values) {
      binary.names.push_back(class_name(table, value));
      columns.push_back(column == value);
    }
  }
  binary.values =
      columns.empty() ? at::empty({table.values.size(0), 0}, at::kLong) : at::stack(columns, 1).to(at::kLong);
  return binary;
}

RepresentationScores score_representation(const std::string& name, const at::Tensor& vectors,
                                          const BinaryAttributes& attributes, const at::Tensor& labels) {
  const auto finite = vectors.isfinite().all(1);
  if (!finite.all().item<bool>()) {
    throw DataError(name + ": the vectors of " + std::to_string((~finite).sum().item<int64_t>()) + " of " +
                    std::to_string(vectors.size(0)) + " images are not finite");
  }
  const auto folds = k_folds(vectors.size(0));
  RepresentationScores scores{.name = name,
                              .probe = probe_attributes(vectors, attributes.values, folds),
                              .tad = total_auroc_difference(vectors, attributes.values, folds),
                              .dci = {},
                              .mig = mutual_information_gap(vectors, attributes.values),
                              .classes = {}};
  scores.dci = dci(scores.probe);
  if (labels.defined()) scores.classes = probe_classes(vectors, labels, folds);
  return scores;
}

std::string obstacle_to_probing(const Dataset& images) {
  constexpr int64_t kFewest = 10;
  if (images.size() < kFewest) {
    return std::to_string(images.size()) + " images; five folds take at least " + std::to_string(kFewest);
  }
  if (images.attributes().names.empty() || binary_attributes(images.attributes()).names.empty()) {
    return "the images have no attribute with two values (data.csv=FILE names a table of them)";
  }
  return {};
}

Representation evaluate_representation(TrainedModel& trained, const Dataset& images, Split split,
                                       int64_t count) {
  const c10::NoGradGuard no_grad;
  const std::string obstacle = obstacle_to_probing(images);
  if (!obstacle.empty()) throw ConfigError("representation: " + obstacle);
  const auto indices = draw_indices(images.size(), count, derive_seed(0, "images to probe"));
  const AttributeTable table = rows_of(images.attributes(), indices);
  Representation r{.split = to_string(split), .attributes = binary_attributes(table), .classes = {}};
  if (!r.attributes.left_out.empty()) {
    log_warning("left out, because they do not have two values: " + join(r.attributes.left_out));
  }
  r.labels = class_labels(table);
  r.classes = table.classes;
  r.activation = encode_activations(trained.model.encoder, images, indices);
  const auto add = [&](const std::string& name, const at::Tensor& vectors) {
    log_info("probing " + name);
    r.scores.push_back(score_representation(name, vectors, r.attributes, r.labels));
  };
  add("prototypes", r.activation);
  add("pca", pixel_components(images, indices, r.activation.size(1)));
  add("random encoder", untrained_activations(trained, images, indices));
  const auto single = mean_over(r.scores.front().tad, &Tad::auroc);
  const auto positive = auroc_of_columns(r.activation, r.attributes.values);
  for (int64_t a = 0; a < single.size(0); ++a) r.captures.push_back(capture_of(r, single, positive, a));
  return r;
}

}  // namespace patronus
