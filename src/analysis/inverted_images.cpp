#include "patronus/analysis/inverted_images.h"

#include <ATen/Functions.h>
#include <ATen/TensorOperators.h>
#include <c10/core/GradMode.h>

#include "patronus/core/log.h"
#include "patronus/core/progress.h"
#include "patronus/diffusion/conditional_denoiser.h"
#include "patronus/diffusion/round_trip.h"
#include "patronus/io/table.h"
#include "patronus/metrics/image_similarity.h"

namespace patronus {
namespace {

/// The parts of a batched result, each to become one tensor on the CPU.
class Parts {
 public:
  void add(const at::Tensor& part) { parts_.push_back(part.cpu()); }
  at::Tensor joined() const { return at::cat(parts_); }

 private:
  std::vector<at::Tensor> parts_;
};

}  // namespace

InvertedImages invert_images(TrainedModel& trained, const Dataset& dataset, const at::Tensor& indices,
                             const RegenerateOptions& options) {
  const c10::NoGradGuard no_grad;
  const ConditionalDenoiser model = conditional_denoiser(trained);
  Progress progress("inverting", indices.size(0), "images");
  Parts original, activation, patch, x_T, residual, image;
  double evaluations = 0;
  for (const auto& batch : indices.split(options.batch_size)) {
    const auto x0 = dataset.images(batch).to(trained.device);
    const Match match = trained.model.encoder->forward(x0);
    const RoundTrip trip =
        round_trip(model(match.activation, Precision::kFloat32), x0, trained.schedule, options.inversion);
    original.add(x0);
    activation.add(match.activation);
    patch.add(match.patch);
    x_T.add(trip.inversion.x_T);
    residual.add(trip.inversion.residual);
    image.add(trip.image);
    evaluations +=
        static_cast<double>((trip.inversion.evaluations + options.inversion.steps) * batch.size(0));
    progress.advance(batch.size(0));
  }
  InvertedImages all{.files = {},
                     .original = original.joined(),
                     .activation = activation.joined(),
                     .patch = patch.joined(),
                     .x_T = x_T.joined(),
                     .residual = residual.joined(),
                     .image = image.joined(),
                     .evaluations = evaluations / static_cast<double>(indices.size(0))};
  const auto index = indices.accessor<int64_t, 1>();
  for (int64_t i = 0; i < index.size(0); ++i) all.files.push_back(dataset.file(index[i]));
  return all;
}

Denoiser edited_denoiser(const ConditionalDenoiser& model, const at::Tensor& activation,
                         const at::Tensor& edited, const at::Tensor& strength) {
  const auto under = [&](const at::Tensor& s) { return model(s, Precision::kFloat32); };
  const bool guided = (strength != 1).any().item<bool>();
  if (!guided || edited.equal(activation)) return under(edited);
  return guided_denoiser(under(activation), under(edited), strength);
}

RegeneratedImages regenerate(TrainedModel& trained, const at::Tensor& x_T, const at::Tensor& activation,
                             const at::Tensor& edited, const RegenerateOptions& options) {
  const auto strength = at::full({x_T.size(0)}, options.strength, at::TensorOptions(at::kFloat));
  return regenerate(trained, x_T, activation, edited, options, strength);
}

RegeneratedImages regenerate(TrainedModel& trained, const at::Tensor& x_T, const at::Tensor& activation,
                             const at::Tensor& edited, const RegenerateOptions& options,
                             const at::Tensor& strength) {
  const c10::NoGradGuard no_grad;
  const ConditionalDenoiser model = conditional_denoiser(trained);
  Progress progress("regenerating", x_T.size(0), "images");
  Parts image, encoded, patch;
  for (int64_t start = 0; start < x_T.size(0); start += options.batch_size) {
    const auto part = [&](const at::Tensor& all) {
      return all.slice(0, start, start + options.batch_size).to(trained.device);
    };
    const auto batch = sample_ddim(edited_denoiser(model, part(activation), part(edited), part(strength)),
                                   part(x_T), trained.schedule, {.steps = options.inversion.steps});
    const Match match = trained.model.encoder->forward(batch);
    image.add(batch);
    encoded.add(match.activation);
    patch.add(match.patch);
    progress.advance(batch.size(0));
  }
  return {.image = image.joined(), .activation = encoded.joined(), .patch = patch.joined()};
}

void log_round_trip(const InvertedImages& images) {
  const auto ratio = psnr(images.image, images.original), similarity = ssim(images.image, images.original);
  const auto text = [](const at::Tensor& value, int digits) { return fixed(value.item<double>(), digits); };
  log_info("round trip of " + std::to_string(images.original.size(0)) + " images: PSNR " +
           text(ratio.mean(), 2) + " dB (worst " + text(ratio.min(), 2) + "), SSIM " +
           text(similarity.mean(), 4) + " (worst " + text(similarity.min(), 4) + "), " +
           fixed(images.evaluations, 0) + " evaluations of the network");
}

}  // namespace patronus
