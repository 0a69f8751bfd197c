#include "patronus/analysis/visualize_prototypes.h"

#include <ATen/Functions.h>
#include <c10/core/GradMode.h>

#include <numeric>

#include "patronus/analysis/edit.h"
#include "patronus/analysis/encode.h"
#include "patronus/core/error.h"
#include "patronus/core/log.h"
#include "patronus/core/random.h"

namespace patronus {
namespace {

std::vector<int64_t> chosen_prototypes(const std::vector<int64_t>& asked, int64_t count) {
  if (asked.empty()) {
    std::vector<int64_t> all(static_cast<size_t>(count));
    std::iota(all.begin(), all.end(), 0);
    return all;
  }
  check_prototypes(asked, count);
  return asked;
}

at::Tensor drawn_candidates(const Dataset& images, int64_t count, uint64_t seed) {
  if (images.size() < count) {
    log_warning(std::to_string(count) + " candidates were asked for; there are " +
                std::to_string(images.size()) + " images, and all of them are taken");
  }
  return draw_indices(images.size(), count, derive_seed(seed, "candidates"));
}

/// [K, N]: each prototype's plausible maximum. An activation that is above it already is not lowered.
at::Tensor raised(const at::Tensor& activation, const at::Tensor& maximum, const at::Tensor& prototypes) {
  return at::maximum(activation.t().index_select(0, prototypes),
                     maximum.index_select(0, prototypes).unsqueeze(1));
}

/// Regenerates every candidate once for every prototype, with that one's activation as asked for, and finds
/// the patches: image, activation and boxes of `views`.
void enhance(TrainedModel& trained, PrototypeViews& views) {
  const auto& candidate = views.candidates;
  const int64_t prototypes = views.asked.size(0), candidates = views.asked.size(1);
  // Rows are prototype-major.
  const auto of_candidate = at::arange(candidates).repeat({prototypes});
  const auto of_prototype = at::tensor(views.prototypes).repeat_interleave(candidates).unsqueeze(1);
  const auto before = candidate.activation.index_select(0, of_candidate);
  const auto edited = before.scatter(1, of_prototype, views.asked.flatten().unsqueeze(1));
  const auto rows = regenerate(trained, candidate.x_T.index_select(0, of_candidate), before, edited,
                               views.options.regenerate);
  const auto cells = rows.patch.gather(1, of_prototype).squeeze(1);
  views.image = rows.image.unflatten(0, views.asked.sizes());
  views.activation = rows.activation.unflatten(0, views.asked.sizes());
  views.boxes = patch_boxes(trained.model.encoder->receptive_field(), cells.unflatten(0, views.asked.sizes()),
                            views.options.patch);
}

/// [K, N] activations of the enhanced prototypes themselves.
at::Tensor reached(const PrototypeViews& views) {
  const auto index = at::tensor(views.prototypes).view({-1, 1, 1}).expand({-1, views.activation.size(1), 1});
  return views.activation.gather(2, index).squeeze(2);
}

void find_nearest(TrainedModel& trained, const Dataset& real, const VisualizePrototypesOptions& options,
                  PrototypeViews& views) {
  const auto all = nearest_patches(trained.model.encoder, real, options.nearest, options.patch);
  const auto chosen = at::tensor(views.prototypes);
  views.nearest = {all.image.index_select(0, chosen), all.distance.index_select(0, chosen),
                   all.activation.index_select(0, chosen), all.boxes.index_select(0, chosen)};
  const auto& index = views.nearest.image;
  views.nearest_images = real.images(index.flatten()).unflatten(0, index.sizes());
  for (int64_t k = 0; k < index.size(0); ++k) {
    views.nearest_files.emplace_back();
    for (int64_t i = 0; i < index.size(1); ++i) {
      views.nearest_files.back().push_back(real.file(index[k][i].item<int64_t>()));
    }
  }
}

}  // namespace

PrototypeViews visualize_prototypes(TrainedModel& trained, const Dataset& images, const Dataset& real,
                                    const VisualizePrototypesOptions& options) {
  const c10::NoGradGuard no_grad;
  const auto seed = static_cast<uint64_t>(trained.config.seed);
  PrototypeViews views;
  views.options = options;
  if (options.nearest < 0) {
    throw ConfigError("nearest " + std::to_string(options.nearest) + ": expected 0 or more patches");
  }
  views.prototypes = chosen_prototypes(options.prototypes, trained.config.model.prototypes.count);
  const auto subset = draw_indices(real.size(), options.range.images, derive_seed(seed, "subset"));
  const auto range = plausible_range(encode_activations(trained.model.encoder, real, subset), options.range);
  views.candidates =
      invert_images(trained, images, drawn_candidates(images, options.candidates, seed), options.regenerate);
  log_round_trip(views.candidates);
  views.asked = raised(views.candidates.activation, range.maximum, at::tensor(views.prototypes));
  enhance(trained, views);
  views.ranking = reached(views).argsort(/*stable=*/true, /*dim=*/1, /*descending=*/true);
  find_nearest(trained, real, options, views);
  return views;
}

}  // namespace patronus
