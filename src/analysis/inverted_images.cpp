#include "patronus/analysis/inverted_images.h"

#include <ATen/Functions.h>
#include <ATen/TensorOperators.h>
#include <c10/core/GradMode.h>

#include "patronus/core/log.h"
#include "patronus/core/text.h"
#include "patronus/diffusion/conditional_denoiser.h"
#include "patronus/diffusion/round_trip.h"
#include "patronus/distributed/batches_across_ranks.h"
#include "patronus/metrics/image_similarity.h"

namespace patronus {
namespace {

std::vector<at::Tensor> on_cpu(std::vector<at::Tensor> tensors) {
  for (auto& tensor : tensors) tensor = tensor.cpu();
  return tensors;
}

}  // namespace

InvertedImages invert_images(TrainedModel& trained, const Dataset& dataset, const at::Tensor& indices,
                             const RegenerateOptions& options) {
  const c10::NoGradGuard no_grad;
  const ConditionalDenoiser model = conditional_denoiser(trained);
  const auto invert = [&](int64_t first, int64_t count) {
    const auto x0 = dataset.images(indices.narrow(0, first, count)).to(trained.device);
    const PrototypeMatch match = trained.model.encoder->forward(x0);
    const RoundTrip trip = round_trip(model(match.activation, inversion_precision(trained.precision)), x0,
                                      trained.schedule, options.inversion);
    const auto image = trip.image.clamp(-1, 1);
    const auto reached = trained.model.encoder->forward(image).activation;
    const auto evaluations = trip.inversion.evaluations + options.inversion.steps;
    return on_cpu({x0, match.activation, match.patch, trip.inversion.x_T, trip.inversion.residual, image,
                   reached, evaluations.to(at::kDouble)});
  };
  const int64_t count = indices.size(0), batch = batch_size_for(trained, options.batch_size, count);
  const auto rows =
      compute_batches_across_ranks(trained.ranks, {"inverting", "images", count, batch}, invert);
  InvertedImages all{.files = {},
                     .original = rows[0],
                     .activation = rows[1],
                     .patch = rows[2],
                     .x_T = rows[3],
                     .residual = rows[4],
                     .image = rows[5],
                     .reached = rows[6],
                     .evaluations = rows[7].mean().item<double>()};
  const auto index = indices.accessor<int64_t, 1>();
  for (int64_t i = 0; i < index.size(0); ++i) all.files.push_back(dataset.file(index[i]));
  return all;
}

Denoiser edited_denoiser(const TrainedModel& trained, const ConditionalDenoiser& model,
                         const ActivationEdit& edit, const RegenerateOptions& options) {
  const Precision precision = inversion_precision(trained.precision);
  const auto activation = edit.activation.to(trained.device), edited = edit.edited.to(trained.device);
  const auto strength = (edit.strength.defined() ? edit.strength
                                                 : at::full({activation.size(0)}, options.strength,
                                                            at::TensorOptions(at::kFloat)))
                            .to(trained.device);
  const bool guided = (strength != 1).any().item<bool>();
  if (!guided || edited.equal(activation)) return model(edited, precision);
  return guided_denoiser(model, activation, edited, strength, precision);
}

RegeneratedImages regenerate(TrainedModel& trained, const ActivationEdit& edit,
                             const RegenerateOptions& options) {
  const c10::NoGradGuard no_grad;
  const ConditionalDenoiser model = conditional_denoiser(trained);
  const auto draw = [&](int64_t first, int64_t count) {
    const auto part = [&](const at::Tensor& all) { return all.narrow(0, first, count); };
    const ActivationEdit batch{
        edit.source.defined() ? edit.x_T.index_select(0, part(edit.source)) : part(edit.x_T),
        part(edit.activation), part(edit.edited),
        edit.strength.defined() ? part(edit.strength) : at::Tensor()};
    const auto denoiser = edited_denoiser(trained, model, batch, options);
    const auto image =
        sample(denoiser, batch.x_T.to(trained.device), trained.schedule, {.steps = options.inversion.steps})
            .clamp(-1, 1);
    const PrototypeMatch match = trained.model.encoder->forward(image);
    return on_cpu({image, match.activation, match.patch});
  };
  const int64_t count = edit.edited.size(0), batch = batch_size_for(trained, options.batch_size, count);
  const auto rows =
      compute_batches_across_ranks(trained.ranks, {"regenerating", "images", count, batch}, draw);
  return {.image = rows[0], .activation = rows[1], .patch = rows[2]};
}

void log_round_trip(const InvertedImages& images) {
  const auto ratio = psnr(images.image, images.original), similarity = ssim(images.image, images.original);
  const auto text = [](const at::Tensor& value, int digits) {
    return format_fixed(value.item<double>(), digits);
  };
  log_info_once("round trip of " + pluralize(images.original.size(0), "image") + ": PSNR " +
                text(ratio.mean(), 2) + " dB (worst " + text(ratio.min(), 2) + "), SSIM " +
                text(similarity.mean(), 4) + " (worst " + text(similarity.min(), 4) + "), " +
                format_fixed(images.evaluations, 0) + " evaluations of the network");
}

}  // namespace patronus
