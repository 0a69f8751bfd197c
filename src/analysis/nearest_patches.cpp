#include "patronus/analysis/nearest_patches.h"

#include <ATen/Functions.h>
#include <c10/core/GradMode.h>

#include <algorithm>
#include <cmath>
#include <vector>

#include "patronus/core/text.h"
#include "patronus/core/to_vector.h"
#include "patronus/distributed/batches_across_ranks.h"

namespace patronus {
namespace {

/// Patches of every prototype, [P, n] each.
struct PatchList {
  at::Tensor distance;  // float32, squared
  at::Tensor image;     // int64, index of the image
  at::Tensor cell;      // int64, cell of the feature map
};

/// The `count` nearest patches of each prototype (all if fewer), nearest first; ties keep their order.
PatchList nearest_of(const PatchList& all, int64_t count) {
  const auto order = all.distance.argsort(/*stable=*/true, /*dim=*/1, /*descending=*/false)
                         .slice(1, 0, std::min(count, all.distance.size(1)));
  const auto nearest = [&](const at::Tensor& of_all) { return of_all.gather(1, order); };
  return {nearest(all.distance), nearest(all.image), nearest(all.cell)};
}

/// Concatenates the results of all parts of the images: [parts, P, n] to [P, parts * n].
at::Tensor concatenated(const at::Tensor& parts) {
  return parts.transpose(0, 1).flatten(1);
}

/// Names of the images at `index` [P, K].
std::vector<std::vector<std::string>> files_of(const Dataset& dataset, const at::Tensor& index) {
  std::vector<std::vector<std::string>> files;
  for (const auto& row : index.unbind()) {
    files.emplace_back();
    for (const int64_t i : to_vector<int64_t>(row)) files.back().push_back(dataset.file(i));
  }
  return files;
}

}  // namespace

NearestPatches NearestPatches::of(const std::vector<int64_t>& prototypes) const {
  const auto index = at::tensor(prototypes, at::kLong);
  const auto rows = [&](const at::Tensor& all) { return all.index_select(0, index); };
  NearestPatches chosen{rows(image), rows(distance), rows(activation), rows(boxes), rows(usage)};
  for (const int64_t k : prototypes) chosen.files.push_back(files[k]);
  return chosen;
}

NearestPatches nearest_patches(PrototypeEncoder encoder, const Dataset& dataset, int64_t count,
                               PatchRule rule, const ProcessGroup& ranks) {
  const c10::NoGradGuard no_grad;
  constexpr int64_t kPart = 64;  // images per part
  const int64_t prototypes = encoder->prototypes().size(0), images = dataset.size();
  // Patches per prototype and part; the last part may have fewer, and is then padded with infinite distances.
  const int64_t kept = std::min({count, kPart, images});
  const auto search = [&](int64_t part, int64_t) -> std::vector<at::Tensor> {
    const auto searched = dataset.slice(part * kPart, kPart);
    const auto features = encoder->features(searched.to(encoder->prototypes().device()));
    const PrototypeMatch match = encoder->match(features);
    const auto wins = at::bincount(encoder->distances(features).argmin(1).flatten(), {}, prototypes);
    const auto image = at::arange(part * kPart, part * kPart + searched.size(0)).expand({prototypes, -1});
    const PatchList nearest = nearest_of({match.distance.cpu().t(), image, match.patch.cpu().t()}, kept);
    const auto row = [&](const at::Tensor& patches, double missing) {
      return at::constant_pad_nd(patches, {0, kept - patches.size(1)}, missing).unsqueeze(0);
    };
    return {row(nearest.distance, INFINITY), row(nearest.image, 0), row(nearest.cell, 0),
            wins.cpu().unsqueeze(0)};
  };
  const auto none = at::empty({0, prototypes, 0}, at::kLong);
  std::vector<at::Tensor> found{at::empty({0, prototypes, 0}), none, none, at::zeros({0, prototypes})};
  if (kept > 0) {
    const int64_t parts = (images + kPart - 1) / kPart;
    found = compute_batches_across_ranks(
        ranks, {"searching patches", "parts of " + pluralize(kPart, "image"), parts, 1}, search);
  }
  const PatchList best = nearest_of({concatenated(found[0]), concatenated(found[1]), concatenated(found[2])},
                                    std::min(count, images));
  const auto wins = found[3].sum(0).to(at::kDouble);
  return {best.image,
          best.distance,
          encoder->activation(best.distance),
          patch_boxes(encoder->receptive_field(), best.cell, rule),
          wins / wins.sum(),
          files_of(dataset, best.image)};
}

std::vector<Record> nearest_records(const NearestPatches& nearest, int64_t row) {
  std::vector<Record> records;
  for (int64_t i = 0; i < nearest.image.size(1); ++i) {
    records.push_back({{"rank", i + 1},
                       {"file", nearest.files[row][i]},
                       {"activation", nearest.activation[row][i].item<double>()},
                       {"distance", nearest.distance[row][i].item<double>()},
                       {"box", to_box(nearest.boxes[row][i])}});
  }
  return records;
}

}  // namespace patronus
