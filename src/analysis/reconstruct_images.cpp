#include "patronus/analysis/reconstruct_images.h"

#include <ATen/ops/cat.h>
#include <c10/core/GradMode.h>

#include <algorithm>

#include "patronus/analysis/inverted_images.h"
#include "patronus/core/math.h"
#include "patronus/core/progress.h"
#include "patronus/core/random.h"
#include "patronus/diffusion/conditional_denoiser.h"
#include "patronus/io/image.h"
#include "patronus/io/image_rows.h"
#include "patronus/io/table.h"
#include "patronus/io/tensor_file.h"

namespace patronus {

ReconstructedImages reconstruct_images(TrainedModel& trained, const Dataset& dataset,
                                       const ReconstructImagesOptions& options) {
  const c10::NoGradGuard no_grad;
  const auto model =
      conditional_denoiser(trained.model.unet, trained.schedule, prediction_kind(trained.config.diffusion));
  Progress progress("reconstructing", options.count, "images");
  ReconstructedImages all;
  std::vector<at::Tensor> original, activation, x_T, image, variations;
  for (int64_t start = options.first; start < options.first + options.count; start += options.batch_size) {
    const int64_t size = std::min(options.batch_size, options.first + options.count - start);
    const auto x0 = dataset.slice(start, size).to(trained.device);
    const auto s = trained.model.encoder->forward(x0).activation;
    const auto batch = reconstruct(
        model, x0, s, trained.schedule,
        {.steps = std::min(options.steps, trained.schedule.timesteps()),
         .variations = options.variations,
         .seeds = image_seeds(static_cast<uint64_t>(trained.config.seed), "reconstruct", start, size),
         .precision = trained.precision});
    original.push_back(x0.cpu());
    activation.push_back(s.cpu());
    x_T.push_back(batch.x_T.cpu());
    image.push_back(batch.image.cpu());
    variations.push_back(batch.variations.cpu());
    for (int64_t i = start; i < start + size; ++i) all.files.push_back(dataset.file(i));
    progress.advance(size);
  }
  all.original = at::cat(original);
  all.activation = at::cat(activation);
  all.result = {at::cat(x_T), at::cat(image), at::cat(variations)};
  return all;
}

void write_reconstruction(const std::filesystem::path& folder, const ReconstructedImages& images) {
  constexpr int64_t kShown = 16;
  const auto shown = [&](const at::Tensor& batch) { return batch.slice(0, 0, kShown); };
  std::vector<ImageRow> rows{{"original", shown(images.original)}, {"own noise", shown(images.result.image)}};
  for (int64_t v = 0; v < images.result.variations.size(1); ++v) {
    rows.push_back({"random noise " + std::to_string(v + 1), shown(images.result.variations.select(1, v))});
  }
  write_png(folder / "reconstruct.png", draw_grid(grid_of_rows(rows)));

  const auto errors = mse(images.result.image, images.original);
  const auto ratios = psnr(images.result.image, images.original);
  const auto similarities = ssim(images.result.image, images.original);
  Table table{{"file", "mse", "psnr_db", "ssim"}, {}};
  for (size_t i = 0; i < images.files.size(); ++i) {
    const auto row = static_cast<int64_t>(i);
    table.rows.push_back({images.files[i], fixed(errors[row].item<double>(), 8),
                          fixed(ratios[row].item<double>(), 2), fixed(similarities[row].item<double>(), 5)});
  }
  write_csv(folder / "reconstruct.csv", table);
  log_round_trip(images.original, images.result.image);

  Dict file;
  file.set("files", List(images.files.begin(), images.files.end()));
  file.set("original", images.original);
  file.set("activation", images.activation);
  file.set("x_T", images.result.x_T);
  file.set("reconstruction", images.result.image);
  file.set("variations", images.result.variations);
  write_tensor_file(folder / "reconstruct.pt", file);
}

}  // namespace patronus
