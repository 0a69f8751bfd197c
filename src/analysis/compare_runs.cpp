#include "patronus/analysis/compare_runs.h"

#include <ATen/Functions.h>
#include <ATen/TensorOperators.h>

#include <algorithm>
#include <numeric>

#include "patronus/core/error.h"
#include "patronus/core/log.h"
#include "patronus/core/random.h"
#include "patronus/core/to_vector.h"
#include "patronus/core/unknown.h"
#include "patronus/metrics/correlation.h"
#include "patronus/metrics/linear_prediction.h"

namespace patronus {
namespace {

/// The prototypes of two models that are matched, in pairs: int64 [M].
struct MatchedColumns {
  at::Tensor reference;
  at::Tensor other;
};

MatchedColumns matched_columns(const std::vector<int64_t>& match) {
  const auto other = at::tensor(match, at::kLong);
  const auto reference = (other != kUnassigned).nonzero().squeeze(1);
  return {reference, other.index_select(0, reference)};
}

/// Values [M] of matched prototypes at their places among all P; NaN elsewhere.
at::Tensor among_all(const at::Tensor& values, const at::Tensor& matched, int64_t prototypes) {
  return at::full({prototypes}, kNaN, at::kDouble).index_copy(0, matched, values.to(at::kDouble));
}

/// A matching by rank correlations [P, Q], how alike the matched ones are, and how many enough so.
struct Agreement {
  std::vector<int64_t> match;
  double mean = 0;
  int64_t found = 0;
};

Agreement best_agreement(const at::Tensor& correlation, double at_least) {
  Agreement agreement{best_assignment(correlation)};
  const auto columns = matched_columns(agreement.match);
  const auto matched = correlation.index({columns.reference, columns.other});
  agreement.mean = matched.mean().item<double>();
  agreement.found = (matched >= at_least).sum().item<int64_t>();
  return agreement;
}

Chance chance_of(const std::vector<double>& values) {
  return {std::reduce(values.begin(), values.end()) / static_cast<double>(values.size()),
          *std::ranges::max_element(values)};
}

/// Share of images in which matched patches overlap: [M]. `boxes`, `other`: int64 [N, M, 4].
at::Tensor overlap_shares(const at::Tensor& boxes, const at::Tensor& other) {
  return overlap_by_half(boxes, other).to(at::kDouble).mean(0);
}

/// What the same matching gives where no row of one model is the image of the other's. `ranks` and
/// `other_ranks`: of the activations (mid_ranks).
void add_chance(MatchedPrototypes& all, const Encoding& reference, const at::Tensor& ranks,
                const Encoding& other, const at::Tensor& other_ranks, const CompareOptions& options) {
  const auto columns = matched_columns(all.match);
  const auto boxes = reference.boxes.index_select(1, columns.reference);
  const auto other_boxes = other.boxes.index_select(1, columns.other);
  std::vector<double> means, found;
  auto overlap = at::zeros({boxes.size(1)}, at::kDouble);
  for (int64_t i = 0; i < options.permutations; ++i) {
    const auto images =
        random_derangement(ranks.size(0), derive_seed(0, "images of a comparison", static_cast<uint64_t>(i)));
    const auto agreement =
        best_agreement(cross_correlations(ranks, other_ranks.index_select(0, images)), options.at_least);
    means.push_back(agreement.mean);
    found.push_back(static_cast<double>(agreement.found));
    overlap += overlap_shares(boxes, other_boxes.index_select(0, images));
  }
  all.chance_spearman = chance_of(means);
  all.chance_found = chance_of(found);
  all.chance_overlap = among_all(overlap / options.permutations, columns.reference, ranks.size(1));
}

/// The prototypes that most of `others` have first, and of these the ones whose matches are most alike.
std::vector<int64_t> order_of(const std::vector<int64_t>& found_in, const std::vector<MatchedModel>& others) {
  std::vector<at::Tensor> spearman;
  for (const auto& other : others) spearman.push_back(other.matched.spearman.value);
  const auto mean = to_vector(at::stack(spearman).nan_to_num(-1).mean(0));
  std::vector<int64_t> order(found_in.size());
  std::iota(order.begin(), order.end(), 0);
  std::ranges::stable_sort(order, std::ranges::greater{},
                           [&](int64_t k) { return std::pair(found_in[k], mean[k]); });
  return order;
}

std::string image_shape(const DataConfig& data) {
  return std::to_string(data.channels) + " x " + std::to_string(data.size) + " x " +
         std::to_string(data.size);
}

}  // namespace

ComparedModel compared_model(const TrainedModel& trained, const std::string& name, const Dataset& images) {
  return {.name = name,
          .checkpoint = trained.checkpoint,
          .weights = trained.weights,
          .step = trained.step,
          .training_seed = trained.training_config.seed,
          .names = trained.names,
          .encoding = encode_images(trained.model.encoder, images, 0, images.size(), trained.ranks)};
}

void require_same_images(const TrainedModel& reference, const TrainedModel& other) {
  const DataConfig &data = reference.config.data, &others = other.config.data;
  if (data.channels != others.channels || data.size != others.size) {
    throw ConfigError(other.checkpoint.string() + ": is of images " + image_shape(others) + ", " +
                      reference.checkpoint.string() + " of " + image_shape(data) +
                      "; expected the same data.channels and data.size");
  }
  if (data.resize != others.resize) {
    log_warning(other.checkpoint.string() + ": was trained with data.resize=" + to_string(others.resize) +
                "; here it sees images as " + reference.checkpoint.string() +
                " does, with data.resize=" + to_string(data.resize));
  }
}

MatchedPrototypes match_prototypes(const Encoding& reference, const Encoding& other,
                                   const CompareOptions& options) {
  const int64_t images = reference.activation.size(0), prototypes = reference.activation.size(1);
  const auto ranks = mid_ranks(reference.activation), other_ranks = mid_ranks(other.activation);
  const auto agreement = best_agreement(cross_correlations(ranks, other_ranks), options.at_least);
  MatchedPrototypes all{.match = agreement.match, .mean_spearman = agreement.mean};
  const auto columns = matched_columns(all.match);
  const auto x = reference.activation.index_select(1, columns.reference);
  const auto y = other.activation.index_select(1, columns.other);
  const Estimates matched = bca_interval(images, paired_spearman(x, y), options.bootstrap);
  all.found = (matched.value >= options.at_least).sum().item<int64_t>();
  const auto place = [&](const at::Tensor& values) {
    return among_all(values, columns.reference, prototypes);
  };
  all.spearman = {place(matched.value), place(matched.low), place(matched.high)};
  all.overlap = place(overlap_shares(reference.boxes.index_select(1, columns.reference),
                                     other.boxes.index_select(1, columns.other)));
  all.r2 = linear_r2(other.activation, reference.activation, k_folds(images));
  add_chance(all, reference, ranks, other, other_ranks, options);
  return all;
}

RunComparison compare_models(const ComparedModel& reference, const std::vector<ComparedModel>& others,
                             const ComparedModel& untrained, const CompareOptions& options) {
  const auto matched = [&](const ComparedModel& model) {
    log_info("matching the prototypes of " + model.name);
    return MatchedModel{model, match_prototypes(reference.encoding, model.encoding, options)};
  };
  RunComparison comparison{.options = options, .reference = reference, .untrained = matched(untrained)};
  auto found_in = at::zeros({reference.encoding.activation.size(1)}, at::kLong);
  for (const auto& other : others) {
    comparison.others.push_back(matched(other));
    found_in += comparison.others.back().matched.spearman.value >= options.at_least;
  }
  comparison.found_in = to_vector<int64_t>(found_in);
  comparison.order = order_of(comparison.found_in, comparison.others);
  return comparison;
}

}  // namespace patronus
