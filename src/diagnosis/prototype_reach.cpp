#include "patronus/diagnosis/prototype_reach.h"

#include <ATen/Functions.h>
#include <ATen/TensorOperators.h>

#include <algorithm>
#include <cmath>
#include <utility>

#include "patronus/analysis/grid_rows.h"
#include "patronus/core/pixels.h"
#include "patronus/core/text.h"
#include "patronus/figures/grid.h"
#include "patronus/figures/heat_map.h"

namespace patronus {
namespace {

/// Share of images in which each pixel is in the box (int64 [N, 4]), averaged to float64 [side, side].
at::Tensor covered_share(const at::Tensor& boxes, int64_t image_size, int64_t side) {
  const auto rows = rows_inside(boxes, image_size).to(at::kDouble);
  const auto columns = columns_inside(boxes, image_size).to(at::kDouble);
  const auto share = at::matmul(rows.t(), columns) / static_cast<double>(boxes.size(0));
  return at::adaptive_avg_pool2d(share.unsqueeze(0), {side, side}).squeeze(0);
}

/// Sets the largest change, and the share of all change, where the prototype hardly ever looks.
void find_elsewhere(PrototypeReach& reach) {
  constexpr double kSeldom = 0.05;
  const auto outside = at::where(reach.looks <= kSeldom, reach.acts, 0.0);
  const auto place = outside.argmax().item<int64_t>();
  reach.elsewhere = (outside.max() / reach.acts.max().clamp_min(1e-30)).item<double>();
  reach.share_elsewhere = (outside.sum() / reach.acts.sum().clamp_min(1e-30)).item<double>();
  if (reach.elsewhere == 0) return;
  reach.row = place / outside.size(1);
  reach.column = place % outside.size(1);
}

void mark_those_without_effect(std::vector<PrototypeReach>& all) {
  constexpr double kLeastShare = 0.1;
  double largest = 0;
  for (const auto& reach : all) largest = std::max(largest, reach.largest_change);
  for (auto& reach : all)
    reach.has_effect = reach.gain >= kMinGain || reach.largest_change >= kLeastShare * largest;
}

}  // namespace

std::vector<PrototypeReach> prototype_reach(const Dataset& images, const Encoding& encoding,
                                            const Control& raised, const Control& lowered) {
  constexpr double kLevels = 127.5;  // gray levels per unit: pixels are in [-1, 1]
  std::vector<PrototypeReach> all;
  const auto acts = at::stack({raised.change_map, lowered.change_map}).nanmean(0);
  for (const int64_t k : raised.prototypes) {
    if (acts[k].isnan().any().item<bool>()) continue;
    const auto best = strongest_images(encoding, k, 1);
    const auto strongest = images.images(best).squeeze(0).cpu();
    const auto boxes = encoding.boxes.select(1, k);
    PrototypeReach reach{.prototype = k,
                         .strongest = strongest,
                         .box = to_box(boxes[best.item<int64_t>()]),
                         .looks = covered_share(boxes, strongest.size(-1), acts.size(-1)),
                         .acts = acts[k],
                         .largest_change = kLevels * acts[k].max().sqrt().item<double>(),
                         .gain = std::fmax(raised.gain[k].item<double>(), lowered.gain[k].item<double>())};
    find_elsewhere(reach);
    all.push_back(reach);
  }
  mark_those_without_effect(all);
  std::ranges::stable_sort(all, std::ranges::greater{}, [](const PrototypeReach& reach) {
    return std::pair(reach.has_effect, reach.elsewhere);
  });
  return all;
}

Canvas draw_reach(const std::vector<PrototypeReach>& reach, const PrototypeNames& names) {
  constexpr size_t kMax = 32;
  constexpr size_t kInRow = 4;
  Grid grid;
  const size_t shown = std::min(kMax, reach.size());
  grid.title =
      "Where prototypes look and where they act: the image that activates each most, and the mean "
      "squared change when it is raised and lowered, each on its own scale, with its largest value as a "
      "root in gray levels of 255; elsewhere: the largest there as a share of it, and the share of all "
      "change. Gray: hardly any effect" +
      std::string(shown < reach.size()
                      ? "; the " + std::to_string(shown) + " that act farthest from where they look"
                      : "");
  grid.cell_size = 128;
  RowWriter rows(grid);
  for (size_t i = 0; i < shown; ++i) {
    const PrototypeReach& r = reach[i];
    if (i % kInRow == 0) rows.begin_row();
    const auto pixels = to_pixels(r.strongest);
    rows.add(pixels, names.label(r.prototype), {outline_of(r.box)});
    const auto map = (r.acts / r.acts.max().clamp_min(1e-30)).sqrt();
    rows.add(r.has_effect ? heat_colors(map) : (255 * map).round().to(at::kByte).unsqueeze(0),
             "up to " + format_fixed(r.largest_change, 0) + "\nelsewhere " + format_fixed(r.elsewhere, 2) +
                 ", " + format_fixed(r.share_elsewhere, 2));
  }
  return draw_grid(grid);
}

}  // namespace patronus
