#include "patronus/analysis/reconstruct_images.h"

#include <ATen/Functions.h>
#include <ATen/TensorOperators.h>

#include "analysis/round_trip_table.h"
#include "patronus/figures/figure.h"
#include "patronus/figures/grid.h"
#include "patronus/interop/tensor_file.h"

namespace patronus {

ReconstructedImages reconstruct_images(TrainedModel& trained, const Dataset& dataset,
                                       const ReconstructImagesOptions& options) {
  const auto indices = at::arange(options.first, options.first + options.count);
  ReconstructedImages images{options, invert_images(trained, dataset, indices, options.regenerate), {}};
  log_round_trip(images.inverted);
  const auto& shape = images.inverted.original.sizes();
  if (options.variations > 0) {
    const ConditionedSamplesOptions sampling{.sampling = trained.config.sampling,
                                             .per_condition = options.variations,
                                             .noise = options.noise,
                                             .batch_size = options.regenerate.batch_size,
                                             .first = options.first};
    images.variations = sample_conditioned(trained, images.inverted.activation, sampling)
                            .images.unflatten(0, {options.count, options.variations});
  } else {
    images.variations = at::empty({shape[0], 0, shape[1], shape[2], shape[3]});
  }
  return images;
}

namespace {

Canvas draw_reconstruction(const ReconstructedImages& images) {
  constexpr int64_t kShown = 16;
  const auto row = [&](const std::string& label, const at::Tensor& batch) {
    return ImageRow{label, batch.slice(0, 0, kShown)};
  };
  std::vector<ImageRow> rows{row("original", images.inverted.original),
                             row("own noise", images.inverted.image)};
  constexpr double kDeviations = 3;  // of the noise, from middle gray to black or white
  if (images.options.draw_noise) rows.push_back(row("own noise itself", images.inverted.x_T / kDeviations));
  const std::string noise = to_string(images.options.noise) + " noise ";
  for (int64_t v = 0; v < images.variations.size(1); ++v) {
    rows.push_back(row(noise + std::to_string(v + 1), images.variations.select(1, v)));
  }
  return draw_grid(make_grid_of_rows(rows));
}

}  // namespace

void write_reconstruction(const std::filesystem::path& folder, const TrainedModel& trained,
                          const ReconstructedImages& images) {
  const InvertedImages& inverted = images.inverted;
  write_figure(folder / "reconstruct", draw_reconstruction(images), trained.config.runtime.figures);
  write_csv(folder / "reconstruct.csv", round_trip_table(inverted));
  Dict file;
  file.set("files", List(inverted.files.begin(), inverted.files.end()));
  file.set("original", inverted.original);
  file.set("activation", inverted.activation);
  file.set("x_T", inverted.x_T);
  file.set("reconstruction", inverted.image);
  file.set("variations", images.variations);
  write_tensor_file(folder / "reconstruct.pt", file);
}

}  // namespace patronus
