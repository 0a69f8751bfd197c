#include "patronus/training/training_step.h"

#include <ATen/Functions.h>
#include <ATen/TensorOperators.h>

#include <algorithm>

#include "patronus/distributed/gather_rows.h"

namespace patronus {

TrainingBatch draw_training_batch(const at::Tensor& images, int64_t timesteps, bool flip,
                                  const ProcessGroup& group) {
  auto x0 = images;
  const int64_t batch = x0.size(0) * group.size();
  if (flip) {
    const auto mirrored = group.local_rows(at::rand({batch, 1, 1, 1}, x0.options()) < 0.5);
    x0 = at::where(mirrored, x0.flip(3), x0);
  }
  x0 = x0.contiguous(at::MemoryFormat::ChannelsLast);
  const auto t = at::randint(timesteps, {batch}, x0.options().dtype(at::kLong));
  auto shape = x0.sizes().vec();
  shape[0] = batch;
  const auto noise = at::empty_strided(shape, x0.strides(), x0.options()).normal_();
  return {x0, group.local_rows(t), group.local_rows(noise)};
}

namespace {

/// Activations [B, P] of all ranks' images; undefined for a UNet without condition.
at::Tensor activations_of(PatronusModel& model, const at::Tensor& x0, const ProcessGroup& group) {
  if (!model.unet->is_conditional()) return {};
  return gather_rows(model.encoder->forward(x0).activation, group);
}

/// Embedded conditions of this rank's images; undefined for a UNet without condition.
at::Tensor embed_own(PatronusModel& model, const at::Tensor& activations, const ProcessGroup& group) {
  const auto condition = model.unet->embed_condition(activations);
  return condition.defined() ? group.local_rows(condition) : condition;
}

/// Denoising loss of a batch under embedded conditions [B, E].
at::Tensor denoising_loss(PatronusModel& model, const NoiseSchedule& schedule, const TrainingBatch& batch,
                          const at::Tensor& condition, const LossOptions& options) {
  const auto noisy = noisy_images(batch.x0, batch.noise, batch.t, schedule, options.prediction);
  at::Tensor output;
  {
    const PrecisionGuard guard(noisy.x_t.device().type(), options.precision);
    output = model.unet->denoise(noisy.x_t,
                                 {.time = model.unet->embed_time(noisy.timesteps), .condition = condition});
  }
  return at::mse_loss(output.to(at::kFloat), noisy.target);
}

/// Adds the penalties on prototypes and activations [B, P] to the total; a model without condition has none.
void add_penalties(Losses& losses, PatronusModel& model, const at::Tensor& activations,
                   const LossOptions& options, DecorrelationPenalty* decorrelation) {
  TORCH_CHECK(activations.defined() || (options.distinct_weight == 0 && options.decorrelation_weight == 0),
              "a model without condition has no prototypes to be penalised");
  if (options.distinct_weight > 0) {
    losses.distinct = distinct_loss(model.encoder->prototypes(), options.distinct_margin);
    losses.total = losses.total + options.distinct_weight * losses.distinct;
  }
  if (options.decorrelation_weight > 0) {
    losses.decorrelation = (*decorrelation)(activations);
    losses.total = losses.total + options.decorrelation_weight * losses.decorrelation;
  }
}

TrainingBatch micro_batch(const TrainingBatch& batch, int64_t first, int64_t end) {
  return {batch.x0.slice(0, first, end), batch.t.slice(0, first, end), batch.noise.slice(0, first, end)};
}

/// Backpropagates the denoising loss in micro-batches, down to the leaf `condition` [B, E] if defined.
/// Returns the loss.
at::Tensor backpropagate_micro_batches(PatronusModel& model, const NoiseSchedule& schedule,
                                       const TrainingBatch& batch, const at::Tensor& condition,
                                       const LossOptions& options) {
  const int64_t count = batch.x0.size(0);
  const int64_t size = (count + options.micro_batches - 1) / options.micro_batches;
  auto sum = at::zeros({}, batch.x0.options());
  for (int64_t first = 0; first < count; first += size) {
    const int64_t end = std::min(first + size, count);
    const auto share = static_cast<double>(end - first) / static_cast<double>(count);
    const auto own = condition.defined() ? condition.slice(0, first, end) : condition;
    const auto loss = share * denoising_loss(model, schedule, micro_batch(batch, first, end), own, options);
    loss.backward();
    sum += loss.detach();
  }
  return sum;
}

}  // namespace

Losses detach_losses(const Losses& losses) {
  return map_losses(losses, [](const at::Tensor& loss) { return loss.detach(); });
}

Losses training_losses(PatronusModel& model, const NoiseSchedule& schedule, const TrainingBatch& batch,
                       const LossOptions& options, DecorrelationPenalty* decorrelation) {
  const auto activations = activations_of(model, batch.x0, options.group);
  Losses losses;
  losses.denoising =
      denoising_loss(model, schedule, batch, embed_own(model, activations, options.group), options);
  losses.total = losses.denoising;
  add_penalties(losses, model, activations, options, decorrelation);
  return losses;
}

Losses backpropagate(PatronusModel& model, const NoiseSchedule& schedule, const TrainingBatch& batch,
                     const LossOptions& options, DecorrelationPenalty* decorrelation) {
  if (options.micro_batches == 1) {
    const Losses losses = training_losses(model, schedule, batch, options, decorrelation);
    losses.total.backward();
    return detach_losses(losses);
  }
  const auto activations = activations_of(model, batch.x0, options.group);
  const auto condition = embed_own(model, activations, options.group);
  const auto leaf = condition.defined() ? condition.detach().requires_grad_() : condition;
  Losses losses;
  losses.denoising = backpropagate_micro_batches(model, schedule, batch, leaf, options);
  losses.total = losses.denoising;
  if (condition.defined()) {
    // Continues to the encoder: a term of value 0 whose derivative to `condition` is the leaf's gradient.
    const auto rest = (condition * leaf.grad()).sum();
    losses.total = losses.total + (rest - rest.detach());
  }
  add_penalties(losses, model, activations, options, decorrelation);
  if (losses.total.requires_grad()) losses.total.backward();
  return detach_losses(losses);
}

}  // namespace patronus
