#include "patronus/analysis/nearest_patches.h"

#include <ATen/Functions.h>
#include <c10/core/GradMode.h>

#include <algorithm>

#include "patronus/core/progress.h"

namespace patronus {
namespace {

/// Matches of some images, one row a prototype: [P, n].
struct PatchList {
  at::Tensor distance;
  at::Tensor image;
  at::Tensor cell;
};

/// The `count` nearest of two lists; where distances are equal, those of `a` first.
PatchList nearest_of(const PatchList& a, const PatchList& b, int64_t count) {
  const auto distance = at::cat({a.distance, b.distance}, 1);
  const auto order = distance.argsort(/*stable=*/true, /*dim=*/1, /*descending=*/false)
                         .slice(1, 0, std::min(count, distance.size(1)));
  return {distance.gather(1, order), at::cat({a.image, b.image}, 1).gather(1, order),
          at::cat({a.cell, b.cell}, 1).gather(1, order)};
}

}  // namespace

NearestPatches nearest_patches(PrototypeEncoder encoder, const Dataset& dataset, int64_t count,
                               PatchRule rule) {
  const c10::NoGradGuard no_grad;
  constexpr int64_t kBatch = 64;
  const int64_t prototypes = encoder->prototypes().size(0);
  const auto none = at::empty({prototypes, 0}, at::kLong);
  PatchList best{at::empty({prototypes, 0}), none, none};
  auto wins = at::zeros({prototypes}, at::kDouble);
  const int64_t searched = count > 0 ? dataset.size() : 0;
  Progress progress("searching patches", searched, "images");
  for (int64_t start = 0; start < searched; start += kBatch) {
    const auto images = dataset.slice(start, kBatch);
    const auto features = encoder->features(images.to(encoder->prototypes().device()));
    const Match match = encoder->match(features);
    wins += at::bincount(encoder->distances(features).argmin(1).flatten(), {}, prototypes).cpu();
    const auto index = at::arange(start, start + images.size(0)).expand({prototypes, -1});
    best = nearest_of(best, {match.distance.cpu().t(), index, match.patch.cpu().t()}, count);
    progress.advance(images.size(0));
  }
  return {best.image, best.distance, encoder->activation(best.distance),
          patch_boxes(encoder->receptive_field(), best.cell, rule), wins / wins.sum()};
}

}  // namespace patronus
