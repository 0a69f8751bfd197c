#include "patronus/analysis/emergence.h"

#include <ATen/Functions.h>
#include <ATen/TensorOperators.h>
#include <c10/core/GradMode.h>

#include <algorithm>
#include <cmath>
#include <map>
#include <nlohmann/json.hpp>
#include <utility>

#include "analysis/emergence_statistics.h"
#include "analysis/emergence_sums.h"
#include "analysis/emergence_trajectory.h"
#include "patronus/analysis/control.h"
#include "patronus/analysis/edit.h"
#include "patronus/analysis/settings_json.h"
#include "patronus/core/contains.h"
#include "patronus/core/error.h"
#include "patronus/core/log.h"
#include "patronus/core/random.h"
#include "patronus/diffusion/conditional_gain.h"
#include "patronus/distributed/batches_across_ranks.h"
#include "patronus/io/json_text.h"
#include "patronus/metrics/spatial_frequency.h"

namespace patronus {
namespace {

/// Measures emergence in batches of images and adds the results to sums.
class EmergenceMeasurement {
 public:
  EmergenceMeasurement(TrainedModel& trained, const Dataset& images, const Dataset& real,
                       const EmergenceOptions& options)
      : trained_(trained),
        images_(images),
        options_(options),
        real_(real_activations(trained, real, options.range)),
        timesteps_(emergence_timesteps(trained, options)),
        seed_(trained.config.seed_for("emergence")),
        order_(random_permutation(images.size(), seed_)) {}

  EmergenceSums none() const { return empty_sums(prototypes(), steps(), late_starts()); }

  /// Adds the next `count` images of the random order to `sums`.
  void add_batch(EmergenceSums& sums, int64_t count) const {
    const auto weights = poisson_bootstrap_weights(seed_, sums.images, count, sums.counted.size(0) - 1);
    const auto indices = order_.slice(0, sums.images, sums.images + count);
    const auto inverted = invert_images(trained_, images_, indices, options_.regenerate);
    log_round_trip(inverted);
    std::map<int64_t, at::Tensor> unedited;
    const Denoiser recorded = [&, denoiser = under(inverted.activation)](const at::Tensor& x_t, int64_t t) {
      if (contains(timesteps_.late, t)) unedited[t] = x_t;
      return denoiser(x_t, t);
    };
    const auto original = encode_trajectory(trained_, recorded, inverted.x_T, steps()).activation;
    sums.seen.add_(weights.sum(1));
    sums.loss.add_(at::matmul(weights, losses(inverted, sums.images).flatten(1)).view_as(sums.loss));
    const auto raise = [&](int64_t row, int64_t) {
      return curves_of(options_.prototypes[row], {inverted, unedited, original});
    };
    const std::string label =
        "raising in images " + std::to_string(sums.images + 1) + " to " + std::to_string(sums.images + count);
    const auto curves =
        compute_batches_across_ranks(trained_.ranks, {label, "prototypes", prototypes(), 1}, raise);
    for (int64_t k = 0; k < prototypes(); ++k) {
      const auto rows = curves[0][k].nonzero().squeeze(1);
      if (rows.numel() == 0) continue;
      const auto of_rows = [&](const at::Tensor& all) { return all[k].index_select(0, rows); };
      add_curves(sums, k,
                 {.image = indices.index_select(0, rows),
                  .weights = weights.index_select(1, rows),
                  .target_change = of_rows(curves[0]),
                  .difference = of_rows(curves[1]),
                  .late = of_rows(curves[2]),
                  .centroid = of_rows(curves[3])});
    }
    sums.images += count;
  }

 private:
  struct Batch {
    const InvertedImages& inverted;
    const std::map<int64_t, at::Tensor>& unedited;  // x_t at each late start t, [B, C, S, S] on the device
    const at::Tensor& original;                     // [B, S, P], activations without an edit
  };

  int64_t steps() const { return options_.regenerate.inversion.steps; }
  int64_t prototypes() const { return std::ssize(options_.prototypes); }
  int64_t late_starts() const { return std::ssize(timesteps_.late); }

  Denoiser under(const at::Tensor& activation) const {
    return model_(activation.to(trained_.device), inversion_precision(trained_.precision));
  }

  /// Results of raising prototype `k` in each image of a batch: target_change, difference, late and centroid
  /// of `RaisedCurves`, [1, B, ...] each; all 0 for images in which it cannot be raised. Ranks exchange these
  /// results rather than sums over the images, which are larger because of their resamples.
  std::vector<at::Tensor> curves_of(int64_t k, const Batch& batch) const {
    const int64_t images = batch.original.size(0);
    const auto zeros = [](at::IntArrayRef shape) { return at::zeros(shape, at::kDouble); };
    std::vector<at::Tensor> rows{zeros({1, images}), zeros({1, images, steps()}),
                                 zeros({1, images, late_starts()}), zeros({1, images})};
    const auto moved = move_to_extreme(real_, batch.inverted.activation, k, /*lowers=*/false);
    if (moved.rows.numel() == 0) return rows;
    const auto curves = raised_curves(k, moved, batch);
    for (size_t i = 0; i < rows.size(); ++i) rows[i].index_copy_(1, moved.rows, curves[i].unsqueeze(0));
    return rows;
  }

  /// The same for the R images in which prototype `k` can be raised, [R, ...] each.
  std::vector<at::Tensor> raised_curves(int64_t k, const MovedActivations& moved, const Batch& batch) const {
    const auto& inverted = batch.inverted;
    const auto of = [&](const at::Tensor& all) { return all.index_select(0, moved.rows); };
    const ActivationEdit edit{of(inverted.x_T), of(inverted.activation), moved.edited};
    const auto denoiser = edited_denoiser(trained_, model_, edit, options_.regenerate);
    const auto raised = encode_trajectory(trained_, denoiser, edit.x_T, steps());
    const auto before = of(batch.original).select(2, k);
    const auto rows = moved.rows.to(trained_.device);
    std::vector<at::Tensor> late;
    for (const int64_t start : timesteps_.late) {
      const auto state = batch.unedited.at(start).index_select(0, rows);
      const auto image = late_image(trained_.schedule, denoiser, state, start, steps()).clamp(-1, 1);
      const auto after = trained_.model.encoder->forward(image).activation.select(1, k);
      late.push_back(after.cpu() - before.select(1, -1));
    }
    return {moved.target_change, (raised.activation.select(2, k) - before).to(at::kDouble),
            at::stack(late, 1).to(at::kDouble), spectral_centroid(raised.image - of(inverted.image))};
  }

  /// Denoising losses of a batch under the image's own, another image's and the mean activations: [B, S, 3].
  /// `first`: position of its first image in the random order.
  at::Tensor losses(const InvertedImages& batch, int64_t first) const {
    const int64_t count = batch.original.size(0);
    const auto others = order_.index_select(0, at::arange(first + 1, first + 1 + count) % order_.size(0));
    const auto noise = noise_per_image(image_seeds(seed_, "condition", first, count))(batch.original);
    const auto on_device = [&](const at::Tensor& tensor) { return tensor.to(trained_.device); };
    const auto images = on_device(batch.original);
    const auto shuffled = trained_.model.encoder->forward(on_device(images_.images(others))).activation;
    const auto mean = on_device(real_.activation.mean(0, true)).expand_as(shuffled);
    std::vector<at::Tensor> by_timestep;
    for (const int64_t t : timesteps_.steps) {
      const auto timesteps = at::full({count}, t, images.options().dtype(at::kLong));
      const auto noisy = noisy_images(images, on_device(noise), timesteps, trained_.schedule,
                                      trained_.config.diffusion.prediction);
      const auto loss = [&](const at::Tensor& s) { return denoising_losses(trained_.model, noisy, s); };
      by_timestep.push_back(at::stack({loss(on_device(batch.activation)), loss(shuffled), loss(mean)}, 1));
    }
    return at::stack(by_timestep, 1);
  }

  TrainedModel& trained_;
  const Dataset& images_;
  const EmergenceOptions& options_;
  const RealActivations real_;
  const EmergenceTimesteps timesteps_;
  const uint64_t seed_;
  const at::Tensor order_;
  const ConditionalDenoiser model_ = conditional_denoiser(trained_);
};

/// Effects of raising prototypes in a few images, enough to find the strongest ones, as saved in `path` or
/// measured.
Control control_of(TrainedModel& trained, const Dataset& images, const Dataset& real,
                   const EmergenceOptions& options, const Json& identity, const std::filesystem::path& path) {
  constexpr int64_t kImages = 8;
  const ControlOptions raising{.prototypes = options.prototypes,
                               .images = kImages,
                               .range = options.range,
                               .regenerate = options.regenerate};
  return load_or_measure_control(path, json_line(control_protocol(identity, raising, images.size())),
                                 trained.ranks,
                                 [&] { return measure_control(trained, images, real, raising); });
}

/// The `count` prototypes whose own activation increases most if they are raised.
std::vector<int64_t> strongest_prototypes(const Control& control, int64_t count) {
  const auto columns = at::tensor(control.prototypes).unsqueeze(1);
  const auto own = control.effect.gather(1, columns).squeeze(1).nan_to_num(-INFINITY);
  const auto order = own.argsort(/*stable=*/true, /*dim=*/0, /*descending=*/true);
  std::vector<int64_t> strongest;
  for (int64_t i = 0; i < count; ++i) {
    strongest.push_back(control.prototypes[order[i].item<int64_t>()]);
  }
  return strongest;
}

/// Number of images to use: `requested`, or all of them, with a warning, if there are fewer.
int64_t available(const Dataset& images, int64_t requested) {
  if (images.size() < 2) throw DataError("emergence: one image; intervals need at least two");
  if (images.size() >= requested) return requested;
  log_warning(std::to_string(requested) + " images were asked for; there are " +
              std::to_string(images.size()) + ", and all of them are taken");
  return images.size();
}

/// Saved sums to continue from, or to use as they are if they cover at least `images` images.
std::optional<EmergenceSums> known_sums(const std::filesystem::path& path, const std::string& protocol,
                                        int64_t images) {
  auto known = load_sums(path, protocol);
  if (!known) return std::nullopt;
  if (known->images > images) {
    log_info("emergence: " + std::to_string(known->images) + " images are known from " + path.string() +
             ", and all of them are taken, not " + std::to_string(images));
    return known;
  }
  log_info("emergence: " + std::to_string(known->images) + " of " + std::to_string(images) +
           " images known from " + path.string());
  return known;
}

}  // namespace

Emergence measure_emergence(TrainedModel& trained, const Dataset& images, const Dataset& real,
                            const EmergenceOptions& requested, const std::filesystem::path& folder) {
  const c10::NoGradGuard no_grad;
  if (requested.regenerate.inversion.steps < 2) throw ConfigError("steps 1: what emerges needs at least 2");
  const int64_t count = available(images, requested.images);
  const auto subject = measurement_identity(trained, images, real);
  EmergenceOptions options = requested;
  check_prototypes(requested.prototypes, trained);
  options.prototypes = chosen_prototypes(requested.prototypes, trained.config.model.prototypes.count);
  if (requested.strongest > 0 && requested.strongest < std::ssize(options.prototypes)) {
    const Control control = control_of(trained, images, real, options, subject, folder / "control.pt");
    options.prototypes = strongest_prototypes(control, requested.strongest);
  }
  const auto cache_file = folder / "emergence.pt";
  Json settings = subject;
  settings["prototypes"] = options.prototypes;
  add_settings(settings, options.regenerate);
  add_settings(settings, options.range);
  settings["starts"] = options.starts;
  const std::string protocol = json_line(settings);
  const EmergenceMeasurement measurement(trained, images, real, options);
  auto known = known_sums(cache_file, protocol, count);
  if (!trained.ranks.all(known.has_value())) known.reset();
  const int64_t at_once = batch_size_for(trained, options.regenerate.batch_size, count);
  EmergenceSums sums = known ? std::move(*known) : measurement.none();
  while (sums.images < count) {
    measurement.add_batch(sums, std::min(at_once, count - sums.images));
    if (trained.ranks.is_first()) save_sums(cache_file, sums, protocol);
  }
  return emergence_of(sums, options.prototypes, emergence_timesteps(trained, options));
}

}  // namespace patronus
