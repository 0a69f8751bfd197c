#include "patronus/analysis/inverted_images.h"

#include <ATen/ops/cat.h>
#include <c10/core/GradMode.h>

#include "patronus/core/log.h"
#include "patronus/core/math.h"
#include "patronus/core/progress.h"
#include "patronus/diffusion/conditional_denoiser.h"
#include "patronus/diffusion/samplers.h"
#include "patronus/io/table.h"

namespace patronus {
namespace {

/// The model under `edited` activations, guided along the edit from `activation`.
Denoiser edited_denoiser(TrainedModel& trained, const at::Tensor& activation, const at::Tensor& edited,
                         double strength) {
  const auto model =
      conditional_denoiser(trained.model.unet, trained.schedule, prediction_kind(trained.config.diffusion));
  const auto under = [&](const at::Tensor& s) { return model(s.to(trained.device), Precision::kFloat32); };
  return strength == 1 ? under(edited) : guided_denoiser(under(activation), under(edited), strength);
}

}  // namespace

InvertedImages invert_images(TrainedModel& trained, const Dataset& dataset, const at::Tensor& indices,
                             const RegenerateOptions& options) {
  const c10::NoGradGuard no_grad;
  Progress progress("inverting", indices.size(0), "images");
  InvertedImages all;
  std::vector<at::Tensor> original, activation, x_T, image;
  for (const auto& batch : indices.split(options.batch_size)) {
    const auto x0 = dataset.images(batch).to(trained.device);
    const auto s = trained.model.encoder->forward(x0).activation;
    const Denoiser denoiser = edited_denoiser(trained, s, s, 1);
    const auto noise = invert_ddim(denoiser, x0, trained.schedule, {.steps = options.steps});
    const auto regenerated = sample_ddim(denoiser, noise, trained.schedule, {.steps = options.steps});
    original.push_back(x0.cpu());
    activation.push_back(s.cpu());
    x_T.push_back(noise.cpu());
    image.push_back(regenerated.cpu());
    progress.advance(batch.size(0));
  }
  const auto index = indices.accessor<int64_t, 1>();
  for (int64_t i = 0; i < index.size(0); ++i) all.files.push_back(dataset.file(index[i]));
  all.original = at::cat(original);
  all.activation = at::cat(activation);
  all.x_T = at::cat(x_T);
  all.image = at::cat(image);
  progress.clear();
  log_round_trip(all.original, all.image);
  return all;
}

at::Tensor regenerate(TrainedModel& trained, const at::Tensor& x_T, const at::Tensor& activation,
                      const at::Tensor& edited, const RegenerateOptions& options) {
  const c10::NoGradGuard no_grad;
  std::vector<at::Tensor> images;
  for (int64_t start = 0; start < x_T.size(0); start += options.batch_size) {
    const auto part = [&](const at::Tensor& all) { return all.slice(0, start, start + options.batch_size); };
    const Denoiser denoiser = edited_denoiser(trained, part(activation), part(edited), options.strength);
    images.push_back(
        sample_ddim(denoiser, part(x_T).to(trained.device), trained.schedule, {.steps = options.steps})
            .cpu());
  }
  return at::cat(images);
}

void log_round_trip(const at::Tensor& original, const at::Tensor& image) {
  const auto ratio = psnr(image, original), similarity = ssim(image, original);
  const auto text = [](const at::Tensor& value, int digits) { return fixed(value.item<double>(), digits); };
  log_info("round trip over " + std::to_string(original.size(0)) + " images: PSNR " + text(ratio.mean(), 2) +
           " dB (worst " + text(ratio.min(), 2) + "), SSIM " + text(similarity.mean(), 4) + " (worst " +
           text(similarity.min(), 4) + ")");
}

}  // namespace patronus
