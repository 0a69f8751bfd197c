#include "patronus/analysis/reconstruct_images.h"

#include <ATen/Functions.h>

#include "patronus/analysis/conditioned_samples.h"
#include "patronus/core/math.h"
#include "patronus/io/image.h"
#include "patronus/io/image_rows.h"
#include "patronus/io/table.h"
#include "patronus/io/tensor_file.h"

namespace patronus {

ReconstructedImages reconstruct_images(TrainedModel& trained, const Dataset& dataset,
                                       const ReconstructImagesOptions& options) {
  const auto indices = at::arange(options.first, options.first + options.count);
  ReconstructedImages images{invert_images(trained, dataset, indices, options.regenerate), {}};
  const auto& shape = images.inverted.original.sizes();
  if (options.variations > 0) {
    const ConditionedSamplesOptions sampling{.sampling = trained.config.sampling,
                                             .per_condition = options.variations,
                                             .batch_size = options.regenerate.batch_size,
                                             .first = options.first * options.variations};
    images.variations = sample_conditioned(trained, images.inverted.activation, sampling)
                            .images.unflatten(0, {options.count, options.variations});
  } else {
    images.variations = at::empty({shape[0], 0, shape[1], shape[2], shape[3]});
  }
  return images;
}

namespace {

at::Tensor draw_reconstruction(const ReconstructedImages& images) {
  constexpr int64_t kShown = 16;
  const auto row = [&](const std::string& label, const at::Tensor& batch) {
    return ImageRow{label, batch.slice(0, 0, kShown)};
  };
  std::vector<ImageRow> rows{row("original", images.inverted.original),
                             row("own noise", images.inverted.image)};
  for (int64_t v = 0; v < images.variations.size(1); ++v) {
    rows.push_back(row("random noise " + std::to_string(v + 1), images.variations.select(1, v)));
  }
  return draw_grid(grid_of_rows(rows));
}

Table error_table(const InvertedImages& images) {
  const auto errors = mse(images.image, images.original);
  const auto ratios = psnr(images.image, images.original);
  const auto similarities = ssim(images.image, images.original);
  Table table{{"file", "mse", "psnr_db", "ssim", "residual"}, {}};
  for (size_t i = 0; i < images.files.size(); ++i) {
    const auto number = [row = static_cast<int64_t>(i)](const at::Tensor& values) {
      return values[row].item<double>();
    };
    table.rows.push_back({images.files[i], fixed(number(errors), 8), fixed(number(ratios), 2),
                          fixed(number(similarities), 5), decimal(number(images.residual))});
  }
  return table;
}

}  // namespace

void write_reconstruction(const std::filesystem::path& folder, const ReconstructedImages& images) {
  const InvertedImages& inverted = images.inverted;
  write_png(folder / "reconstruct.png", draw_reconstruction(images));
  write_csv(folder / "reconstruct.csv", error_table(inverted));
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
