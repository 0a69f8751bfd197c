#include "patronus/evaluation/representation.h"

#include <ATen/Functions.h>
#include <ATen/TensorOperators.h>
#include <c10/core/GradMode.h>

#include <algorithm>

#include "patronus/analysis/encode.h"
#include "patronus/core/error.h"
#include "patronus/core/finite.h"
#include "patronus/core/log.h"
#include "patronus/core/random.h"
#include "patronus/core/text.h"
#include "patronus/core/to_vector.h"
#include "patronus/core/unknown.h"
#include "patronus/metrics/auroc.h"
#include "patronus/metrics/pca.h"
#include "patronus/run/initial_prototypes.h"

namespace patronus {
namespace {

constexpr const char* kLabel = "label";

/// Whether to probe an attribute with this many values: 2 to 20, or 2 to 100 for a label.
bool is_probed(const std::string& name, size_t values) {
  constexpr size_t kMaxValues = 20, kMaxClasses = 100;
  return values >= 2 && values <= (name == kLabel ? kMaxClasses : kMaxValues);
}

/// "cat" for a label's value, "sex=male" for another attribute's.
std::string value_name(const AttributeTable& table, size_t attribute, int64_t value) {
  const std::string word = table.value_name(attribute, value);
  if (table.names[attribute] != kLabel) return table.names[attribute] + "=" + word;
  return value < std::ssize(table.value_names[attribute]) ? word : "class " + word;
}

/// 1 where `column` has the value, 0 elsewhere, kUnknown where unknown.
at::Tensor is_value(const at::Tensor& column, int64_t value) {
  return (column == value).to(at::kLong).masked_fill_(column == kUnknown, kUnknown);
}

/// Pixels, downsampled for large images, projected onto `count` principal components.
at::Tensor pixel_components(const Dataset& images, const at::Tensor& indices, int64_t count) {
  constexpr int64_t kSide = 32, kBatch = 256;
  std::vector<at::Tensor> small;
  for (const auto& batch : indices.split(kBatch)) {
    const auto part = images.images(batch);
    const bool large = part.size(-1) > kSide;
    small.push_back((large ? at::adaptive_avg_pool2d(part, {kSide, kSide}) : part).flatten(1));
  }
  const auto pixels = at::cat(small);
  return fit_pca(pixels, std::min({count, pixels.size(0), pixels.size(1)})).transform(pixels);
}

/// Activations of the encoder before training.
at::Tensor untrained_activations(const TrainedModel& trained, const Dataset& train, const Dataset& images,
                                 const at::Tensor& indices) {
  PatronusModel model = untrained_model(trained, train);
  return encode_activations(model.encoder, images, indices, trained.ranks);
}

at::Tensor mean_over_folds(const TadOverFolds& tad, at::Tensor Tad::*quantity) {
  std::vector<at::Tensor> folds;
  for (const auto& fold : tad.folds) folds.push_back(fold.*quantity);
  return at::stack(folds).mean(0);
}

/// Whether `flag` is set for attribute `a` in more than half of the folds.
bool in_most_folds(const TadOverFolds& tad, at::Tensor Tad::*flag, int64_t a) {
  size_t count = 0;
  for (const auto& fold : tad.folds) count += (fold.*flag)[a].item<bool>();
  return 2 * count > tad.folds.size();
}

AttributeCapture capture_of(const Representation& r, const at::Tensor& single, const at::Tensor& positive,
                            const at::Tensor& held_out, int64_t a) {
  constexpr int64_t kBest = 5;
  const RepresentationScores& prototypes = r.scores.front();
  const auto order = single[a].argsort(/*stable=*/true, /*dim=*/0, /*descending=*/true);
  AttributeCapture capture{.name = r.attributes.names[a], .probe = attribute_auroc(prototypes.probe, a)};
  for (int64_t i = 0; i < std::min(kBest, order.size(0)); ++i) {
    capture.best_prototypes.push_back(order[i].item<int64_t>());
  }
  capture.prototype = capture.best_prototypes.front();
  capture.positive_auroc = positive[a][capture.prototype].item<double>();
  const auto over_folds = [&](int64_t rank) {
    const auto folds = held_out.select(1, a).select(1, rank);
    return mean_over(to_vector(folds.masked_select(folds.isfinite())), "folds", Deviation::kPopulation);
  };
  capture.auroc = over_folds(0);
  capture.second = over_folds(1);
  capture.redundancy = mean_over_folds(prototypes.tad, &Tad::redundancy)[a].item<double>();
  const auto values = r.attributes.values.select(1, a);
  capture.positives = (values == 1).sum().item<int64_t>();
  capture.negatives = (values == 0).sum().item<int64_t>();
  capture.unknown = values.size(0) - capture.positives - capture.negatives;
  capture.too_few_images = std::min(capture.positives, capture.negatives) < kLeastCapturedImages;
  capture.possible = in_most_folds(prototypes.tad, &Tad::possible, a);
  capture.captured = in_most_folds(prototypes.tad, &Tad::captured, a);
  return capture;
}

}  // namespace

at::Tensor BinaryAttributes::others_than(size_t a) const {
  auto others = at::ones({std::ssize(names)}, at::kBool);
  for (size_t b = 0; b < names.size(); ++b) {
    if (b == a || are_of_one_column(a, b)) others[static_cast<int64_t>(b)] = false;
  }
  return others;
}

BinaryAttributes binary_attributes(const AttributeTable& table) {
  BinaryAttributes binary;
  std::vector<at::Tensor> columns;
  for (size_t c = 0; c < table.names.size(); ++c) {
    const auto column = table.values.select(1, static_cast<int64_t>(c)).contiguous();
    const auto values = known_values(column);
    if (!is_probed(table.names[c], values.size())) {
      binary.left_out.push_back(table.names[c] + " (" + pluralize(std::ssize(values), "value") + ")");
      continue;
    }
    const bool plain = values.size() == 2 && table.value_names[c].empty() && table.names[c] != kLabel;
    // With two values, each is the other's absence.
    for (size_t v = values.size() == 2 ? 1 : 0; v < values.size(); ++v) {
      binary.names.push_back(plain ? table.names[c] : value_name(table, c, values[v]));
      binary.columns.push_back(table.names[c]);
      binary.present.push_back(values[v]);
      columns.push_back(is_value(column, values[v]));
    }
  }
  binary.values = columns.empty() ? at::empty({table.values.size(0), 0}, at::kLong) : at::stack(columns, 1);
  return binary;
}

BinaryAttributes binary_attributes_like(const BinaryAttributes& like, const AttributeTable& table) {
  BinaryAttributes binary = like;
  const auto columns = table.columns(like.columns).values;
  binary.values = at::empty_like(columns);
  for (size_t a = 0; a < like.names.size(); ++a) {
    const auto column = static_cast<int64_t>(a);
    binary.values.select(1, column).copy_(is_value(columns.select(1, column), like.present[a]));
  }
  return binary;
}

std::vector<ClassAttribute> class_attributes(const AttributeTable& table) {
  std::vector<ClassAttribute> all;
  for (size_t c = 0; c < table.names.size(); ++c) {
    const auto column = table.values.select(1, static_cast<int64_t>(c)).contiguous();
    const size_t values = known_values(column).size();
    const bool is_label = table.names[c] == kLabel;
    if (!is_probed(table.names[c], values) || (values == 2 && !is_label)) continue;
    const auto counts = at::bincount(column.index_select(0, known_rows(column)));
    const int64_t known = counts.sum().item<int64_t>();
    all.push_back({.name = table.names[c],
                   .is_label = is_label,
                   .values = column,
                   .classes = static_cast<int64_t>(values),
                   .known = known,
                   .unknown = column.size(0) - known,
                   .most_frequent_share = counts.max().item<double>() / static_cast<double>(known)});
  }
  return all;
}

RepresentationScores score_representation(const std::string& name, const at::Tensor& vectors,
                                          const BinaryAttributes& attributes,
                                          const std::vector<ClassAttribute>& classes) {
  require_finite_rows(vectors, name, "vectors");
  const auto folds = k_folds(vectors.size(0));
  RepresentationScores scores{.name = name,
                              .probe = probe_attributes(vectors, attributes.values, folds),
                              .tad = total_auroc_difference(vectors, attributes.values, folds),
                              .dci = {},
                              .mig = mutual_information_gap(vectors, attributes.values),
                              .classes = {}};
  scores.dci = dci(scores.probe);
  for (const auto& attribute : classes)
    scores.classes.push_back(probe_classes(vectors, attribute.values, folds));
  return scores;
}

std::string reason_unprobeable(const Dataset& images) {
  constexpr int64_t kMin = 10;
  if (images.size() < kMin) {
    return pluralize(images.size(), "image") + "; five folds take at least " + std::to_string(kMin);
  }
  if (images.attributes().names.empty() || binary_attributes(images.attributes()).names.empty()) {
    return "the images have no attribute with two values (data.csv=FILE names a table of them)";
  }
  return {};
}

namespace {

/// Randomly drawn images and their attributes.
struct Probed {
  at::Tensor indices;
  AttributeTable table{};
  BinaryAttributes attributes{};
};

Probed draw_probed(const Dataset& images, int64_t count) {
  const std::string reason = reason_unprobeable(images);
  if (!reason.empty()) throw ConfigError("representation: " + reason);
  Probed probed{.indices = draw_common_indices(images.size(), count, "images to probe")};
  probed.table = images.attributes().rows(probed.indices);
  probed.attributes = binary_attributes(probed.table);
  if (!probed.attributes.left_out.empty()) {
    log_warning("attributes left out, for they have too few values or too many: " +
                join(probed.attributes.left_out));
  }
  if (probed.attributes.names.empty()) {
    throw ConfigError("representation: none of the attributes has two values among the " +
                      std::to_string(probed.indices.size(0)) + " images drawn; draw more");
  }
  return probed;
}

}  // namespace

Representation evaluate_representation(TrainedModel& trained, const Dataset& train, const Dataset& images,
                                       Split split, int64_t count) {
  const c10::NoGradGuard no_grad;
  const auto [indices, table, attributes] = draw_probed(images, count);
  Representation r{.split = to_string(split), .attributes = attributes, .classes = class_attributes(table)};
  r.activation = encode_activations(trained.model.encoder, images, indices, trained.ranks);
  const auto add = [&](const std::string& name, const at::Tensor& vectors) {
    log_info("probing " + name);
    r.scores.push_back(score_representation(name, vectors, r.attributes, r.classes));
  };
  add("prototypes", r.activation);
  add("pca", pixel_components(images, indices, r.activation.size(1)));
  add("random encoder", untrained_activations(trained, train, images, indices));
  const auto single = mean_over_folds(r.scores.front().tad, &Tad::auroc);
  const auto positive = auroc_of_columns(r.activation, r.attributes.values);
  const auto held_out = held_out_auroc(r.activation, r.attributes.values, k_folds(r.activation.size(0)));
  for (int64_t a = 0; a < single.size(0); ++a)
    r.captures.push_back(capture_of(r, single, positive, held_out, a));
  return r;
}

std::vector<CapturedAttribute> captured_attributes(TrainedModel& trained, const Dataset& images,
                                                   int64_t count) {
  const c10::NoGradGuard no_grad;
  const auto [indices, table, attributes] = draw_probed(images, count);
  const auto activation = encode_activations(trained.model.encoder, images, indices, trained.ranks);
  const TadOverFolds tad = total_auroc_difference(activation, attributes.values, k_folds(activation.size(0)));
  const auto best = mean_over_folds(tad, &Tad::auroc).argmax(1);
  const auto positive = auroc_of_columns(activation, attributes.values);
  const auto images_of = [&](int64_t value) { return (attributes.values == value).sum(0); };
  const auto too_few = at::minimum(images_of(0), images_of(1)) < kLeastCapturedImages;
  std::vector<CapturedAttribute> captured;
  std::vector<std::string> left_out;
  for (int64_t a = 0; a < best.size(0); ++a) {
    if (!in_most_folds(tad, &Tad::captured, a)) continue;
    if (too_few[a].item<bool>()) {
      left_out.push_back(attributes.names[a]);
      continue;
    }
    const int64_t k = best[a].item<int64_t>();
    captured.push_back({attributes.names[a], k, positive[a][k].item<double>() < 0.5});
  }
  if (!left_out.empty()) {
    log_info(
        "left out, as fewer than " + std::to_string(kLeastCapturedImages) +
        " images have them or lack them, of which some prototype captures them by chance: " + join(left_out));
  }
  return captured;
}

}  // namespace patronus
