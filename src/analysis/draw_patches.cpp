#include "patronus/analysis/draw_patches.h"

#include <ATen/Functions.h>
#include <c10/core/GradMode.h>

#include <algorithm>

#include "patronus/analysis/grid_rows.h"
#include "patronus/core/pixels.h"
#include "patronus/figures/grid.h"
#include "patronus/figures/heat_map.h"

namespace patronus {
namespace {

/// Activations of one prototype at the cells of an image.
struct CellMap {
  at::Tensor activation;  // [n, n]
  at::Tensor of_all;      // [N, n, n], maps of all drawn images, for a common colour scale
  int64_t best;           // cell with the largest activation, row * n + column
};

/// Colours of `activation` on a scale from the smallest to the largest value of `all`.
at::Tensor cell_colors(const at::Tensor& activation, const at::Tensor& all) {
  const auto low = all.min(), range = (all.max() - low).clamp_min(1e-6);
  return heat_colors((activation - low) / range);
}

Canvas draw_located_patch(const std::string& title, const at::Tensor& pixels, const CellMap& map,
                          const ReceptiveField& field) {
  const Box box = patch_box(field, map.best);
  const std::string cells = std::to_string(field.cells), size = std::to_string(field.size);
  Grid grid;
  grid.title = title;
  grid.cell_size = std::max<int64_t>(192, field.image_size);
  RowWriter row(grid);
  row.begin_row();
  row.add(pixels, "image");
  row.add(cell_colors(map.activation, map.of_all),
          cells + " x " + cells + " cells, " + activation_text(map.activation.min()) + " to " +
              activation_text(map.activation.max()),
          {{.rect = {map.best % field.cells, map.best / field.cells, 1, 1}}});
  row.add(pixels, "receptive field, " + size + " x " + size + " pixels", {outline_of(box)});
  row.add(crop(pixels, box), "patch, activation " + activation_text(map.activation.max()));
  return draw_grid(grid);
}

}  // namespace

std::vector<Canvas> draw_most_activated_patches(TrainedModel& trained, const Dataset& images,
                                                const at::Tensor& indices,
                                                const std::vector<int64_t>& prototypes) {
  constexpr int64_t kOnPage = 16;
  const c10::NoGradGuard no_grad;
  PrototypeEncoder encoder = trained.model.encoder;
  const auto originals = images.images(indices), x = originals.to(trained.device),
             pixels = to_pixels(originals);
  const auto activation = encoder->activation(encoder->distances(encoder->features(x))).cpu();
  const auto patch = encoder->forward(x).patch.cpu();
  std::vector<Canvas> pages, blocks;
  const auto end_page = [&] {
    if (!blocks.empty()) pages.push_back(draw_blocks(blocks, {}));
    blocks.clear();
  };
  for (int64_t i = 0; i < indices.size(0); ++i) {
    const std::string file = images.file(indices[i].item<int64_t>());
    for (const int64_t k : prototypes) {
      const CellMap map{activation[i][k], activation.select(1, k), patch[i][k].item<int64_t>()};
      blocks.push_back(draw_located_patch(file + ": prototype " + trained.names.label(k), pixels[i], map,
                                          encoder->receptive_field()));
      if (std::ssize(blocks) == kOnPage) end_page();
    }
  }
  end_page();
  return pages;
}

}  // namespace patronus
