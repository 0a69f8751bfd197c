#include "patronus/training/preview.h"

#include <c10/core/GradMode.h>

#include <algorithm>

#include "patronus/core/random.h"
#include "patronus/diffusion/conditional_denoiser.h"
#include "patronus/diffusion/conditional_gain.h"
#include "patronus/diffusion/round_trip.h"
#include "patronus/figures/grid.h"
#include "patronus/models/prototype_health.h"

namespace patronus {
namespace {

/// Random images, since neighbours in a data set may be of the same class.
at::Tensor some_images(const Trainer& trainer, const Dataset& from, uint64_t seed) {
  constexpr int64_t kImages = 256;
  return from.images(draw_indices(from.size(), kImages, seed)).to(trainer.device());
}

/// Health of the prototypes and gain from the condition; without a condition, only the loss.
Metrics condition_metrics(Trainer& trainer, const at::Tensor& images, const at::Tensor& for_health,
                          const RunConfig& config) {
  PatronusModel& model = trainer.ema_model();
  // No more at once than a step of training holds in memory, at several times as much an image.
  const int64_t batch_size =
      std::clamp<int64_t>(config.training.batch_size / config.training.accumulate, 1, kLossBatchSize);
  const ConditionalGain gain = conditional_gain(model, trainer.schedule(), trainer.loss_options().prediction,
                                                images, config.seed_for("preview"), batch_size);
  if (!model.unet->is_conditional()) return {{"test_loss", gain.loss_own}};
  const PrototypeHealth health = prototype_health(model.encoder, for_health);
  return {{"prototypes/median_range", health.median_range},
          {"prototypes/winners", double(health.winners)},
          {"prototypes/duplicates", double(health.duplicates)},
          {"prototypes/dead", double(health.dead)},
          {"prototypes/mean_correlation", health.mean_correlation},
          {"prototypes/effective_rank", health.effective_rank},
          {"condition/loss_own", gain.loss_own},
          {"condition/loss_shuffled", gain.loss_shuffled},
          {"condition/loss_mean", gain.loss_mean}};
}

}  // namespace

Preview make_preview(Trainer& trainer, const Dataset& test, const Dataset& train, const RunConfig& config) {
  const c10::NoGradGuard no_grad;
  // Enough for recognisable pictures, few enough not to slow down training.
  const int64_t steps = std::min<int64_t>(25, trainer.schedule().timesteps());
  PatronusModel& model = trainer.ema_model();
  const auto seed = config.seed_for("preview");
  const auto images = some_images(trainer, test, seed);

  Preview preview;
  const bool enough = test.size() >= kMinHealthImages;
  preview.metrics =
      condition_metrics(trainer, images, enough ? images : some_images(trainer, train, seed), config);

  const auto drawn = draw_indices(images.size(0), config.training.sample_images, seed);
  const auto shown = images.index_select(0, drawn.to(images.device()));
  const auto activations = model.encoder->forward(shown).activation;
  const auto denoiser =
      conditional_denoiser(model.unet, trainer.schedule(), trainer.loss_options().prediction);
  const auto variation = [&](const std::string& name) {
    const auto noise = noise_per_image(image_seeds(seed, name, 0, shown.size(0)))(shown);
    return ImageRow{name, sample(denoiser(activations, trainer.loss_options().precision), noise,
                                 trainer.schedule(), {.steps = steps})};
  };
  const auto own = round_trip(denoiser(activations, inversion_precision(trainer.loss_options().precision)),
                              shown, trainer.schedule(), {.steps = steps});
  const ImageRow original{"original", shown};
  preview.figures = {
      {"samples",
       draw_grid(make_grid_of_rows({original, variation("random noise 1"), variation("random noise 2")}))},
      {"reconstruction", draw_grid(make_grid_of_rows({original, {"own noise", own.image}}))}};
  return preview;
}

}  // namespace patronus
