#include "patronus/analysis/visualize_prototypes.h"

#include <ATen/Functions.h>
#include <ATen/TensorOperators.h>
#include <c10/core/GradMode.h>

#include <cmath>

#include "analysis/rank_views.h"
#include "patronus/analysis/edit.h"
#include "patronus/analysis/encode.h"
#include "patronus/core/error.h"
#include "patronus/core/log.h"
#include "patronus/core/random.h"
#include "patronus/core/text.h"
#include "patronus/core/unknown.h"
#include "patronus/metrics/quantile.h"
#include "patronus/run/record.h"

namespace patronus {
namespace {

at::Tensor drawn_candidates(const Dataset& images, int64_t count, uint64_t seed) {
  if (images.size() < count) {
    log_warning(std::to_string(count) + " candidates were asked for; there are " +
                std::to_string(images.size()) + " images, and all of them are taken");
  }
  return draw_indices(images.size(), count, seed);
}

/// Requested activations [K, N]: each prototype's plausible maximum, or the candidate's activation if that is
/// larger.
at::Tensor raised(const at::Tensor& activation, const at::Tensor& maximum, const at::Tensor& prototypes) {
  return at::maximum(activation.t().index_select(0, prototypes),
                     maximum.index_select(0, prototypes).unsqueeze(1));
}

/// Regenerates every candidate for every prototype with this prototype's activation set to its target, and
/// finds its most activated patch there: sets image, activation and boxes of `views`.
void enhance(TrainedModel& trained, PrototypeViews& views) {
  const auto& candidate = views.candidates;
  const int64_t prototypes = views.target.size(0), candidates = views.target.size(1);
  // Row k * candidates + i is candidate i with prototype k raised.
  const auto of_candidate = at::arange(candidates).repeat({prototypes});
  const auto of_prototype = at::tensor(views.prototypes).repeat_interleave(candidates).unsqueeze(1);
  const auto before = candidate.activation.index_select(0, of_candidate);
  const auto edited = before.scatter(1, of_prototype, views.target.flatten().unsqueeze(1));
  const auto rows = regenerate(
      trained, {.x_T = candidate.x_T, .activation = before, .edited = edited, .source = of_candidate},
      views.options.regenerate);
  const auto cells = rows.patch.gather(1, of_prototype).squeeze(1);
  views.image = rows.image.unflatten(0, views.target.sizes());
  views.activation = rows.activation.unflatten(0, views.target.sizes());
  views.boxes = patch_boxes(trained.model.encoder->receptive_field(),
                            cells.unflatten(0, views.target.sizes()), views.options.patch);
}

/// Crops each image of [N, C, S, S] to its box of [N, 4] and resizes the crops to one size: float32 [N, C,
/// kSide, kSide].
at::Tensor resized_patches(const at::Tensor& images, const at::Tensor& boxes) {
  constexpr int64_t kSide = 8;
  std::vector<at::Tensor> patches;
  for (int64_t i = 0; i < images.size(0); ++i) {
    const auto patch = crop(images[i], to_box(boxes[i])).unsqueeze(0);
    patches.push_back(at::upsample_bilinear2d(patch, {kSide, kSide}, /*align_corners=*/false));
  }
  return at::cat(patches);
}

/// Sets the consistency of each prototype: compares its patches in the enhanced candidates with the patches
/// of all other prototypes of the model in the candidates regenerated without an edit. The latter lie where
/// the patches of the original images are.
void measure_consistency(PrototypeViews& views, const ReceptiveField& field) {
  const auto& candidates = views.candidates;
  std::vector<at::Tensor> patches;  // for each of the P prototypes, those of the unedited candidates
  for (int64_t k = 0; k < candidates.patch.size(1); ++k) {
    const auto boxes = patch_boxes(field, candidates.patch.select(1, k), views.options.patch);
    patches.push_back(resized_patches(candidates.image, boxes));
  }
  views.consistency = at::full({views.image.size(0)}, kNaN, at::kDouble);
  for (int64_t k = 0; k < views.image.size(0) && patches.size() > 1; ++k) {
    std::vector<at::Tensor> others = patches;
    others.erase(others.begin() + views.prototypes[k]);
    views.consistency[k] =
        patch_consistency(resized_patches(views.image[k], views.boxes[k]), at::cat(others));
  }
}

void log_effects(const PrototypeViews& views, const PrototypeNames& names) {
  const size_t with_effect = views.order.size() - static_cast<size_t>(views.without_effect);
  const double consistency = nan_median(views.consistency).item<double>();
  log_info(
      "raised prototypes: median gain " + number_text(nan_median(views.gain).item<double>(), 2) +
      (std::isfinite(consistency) ? ", median consistency of patches " + format_fixed(consistency, 2) : ""));
  std::vector<std::string> without_effect, not_raised;
  for (size_t i = with_effect; i < views.order.size(); ++i) {
    const int64_t k = views.order[i];
    const bool is_raised = std::isfinite(views.gain[k].item<double>());
    (is_raised ? without_effect : not_raised).push_back(names.label(views.prototypes[k]));
  }
  if (!without_effect.empty()) log_info("without effect: prototypes " + join(without_effect));
  if (!not_raised.empty()) log_info("cannot be raised in these candidates: prototypes " + join(not_raised));
}

void find_nearest(TrainedModel& trained, const Dataset& real, const VisualizePrototypesOptions& options,
                  PrototypeViews& views) {
  views.nearest = nearest_patches(trained.model.encoder, real, options.nearest, options.patch, trained.ranks)
                      .of(views.prototypes);
  const auto& index = views.nearest.image;
  views.nearest_images = real.images(index.flatten()).unflatten(0, index.sizes());
}

}  // namespace

PrototypeViews visualize_prototypes(TrainedModel& trained, const Dataset& images, const Dataset& real,
                                    const VisualizePrototypesOptions& options) {
  const c10::NoGradGuard no_grad;
  PrototypeViews views;
  views.options = options;
  if (options.nearest < 0) {
    throw ConfigError("nearest " + std::to_string(options.nearest) + ": expected 0 or more patches");
  }
  check_prototypes(options.prototypes, trained);
  views.prototypes = chosen_prototypes(options.prototypes, trained.config.model.prototypes.count);
  const RealActivations known = real_activations(trained, real, options.range);
  const auto chosen = at::tensor(views.prototypes);
  views.deviation = known.deviation.index_select(0, chosen);
  views.range = {known.range.minimum.index_select(0, chosen), known.range.maximum.index_select(0, chosen)};
  views.candidates = invert_images(
      trained, images, drawn_candidates(images, options.candidates, trained.config.seed_for("candidates")),
      options.regenerate);
  log_round_trip(views.candidates);
  views.target = raised(views.candidates.activation, known.range.maximum, chosen);
  enhance(trained, views);
  rank_views(views);
  measure_consistency(views, trained.model.encoder->receptive_field());
  log_effects(views, trained.names);
  find_nearest(trained, real, options, views);
  return views;
}

double patch_consistency(const at::Tensor& patches, const at::Tensor& others) {
  const auto own = patches.flatten(1).to(at::kDouble), other = others.flatten(1).to(at::kDouble);
  const auto squared = [](const at::Tensor& a, const at::Tensor& b) { return at::cdist(a, b).square(); };
  const auto count = static_cast<double>(own.size(0));
  if (count < 2) return kNaN;
  const double within = (squared(own, own).sum() / (count * (count - 1))).item<double>();
  const double between = squared(own, other).mean().item<double>();
  return between > 0 ? 1 - within / between : 0;
}

}  // namespace patronus
