#include "patronus/training/estimate.h"

#include "patronus/core/gpu.h"
#include "patronus/core/recorded_work.h"
#include "patronus/core/text.h"
#include "patronus/data/dataset.h"
#include "patronus/training/trainer.h"
#include "training/measure.h"

namespace patronus {
namespace {

std::string length_text(double hours) {
  if (hours >= 1) return rate_text(hours) + " hours";
  return hours * 60 >= 1 ? rate_text(hours * 60) + " minutes" : rate_text(hours * 3600) + " seconds";
}

double mib_of_floats(int64_t count) {
  return 4 * static_cast<double>(count) / (1 << 20);
}

/// Number of values in the optimisers' state.
int64_t optimizer_numbers(const Trainer& trainer) {
  int64_t count = 0;
  for (const auto& tensor : optimizer_tensors(trainer.optimization().optimizer())) count += tensor.numel();
  return count;
}

}  // namespace

TrainingEstimate estimate_training(const RunConfig& config) {
  const at::Device device = config.runtime.apply();
  const int64_t images = DataListing(config.data).size(Split::kTrain);
  const int64_t total = total_steps(config.training, images);
  Trainer trainer(config, total, device, select_precision(config.runtime.precision, device));
  TrainingEstimate estimate{};
  const ParameterCounts parameters = count_parameters(trainer.model());
  estimate.encoder_parameters = parameters.encoder;
  estimate.unet_parameters = parameters.unet;
  const auto batch = random_images(config, config.training.batch_size, at::kCPU);
  const auto train = [&](int64_t steps) {
    at::Tensor loss;
    for (int64_t i = 0; i < steps; ++i) loss = trainer.train_step(batch).losses.total;
    wait_for(loss);
    return static_cast<double>(steps * config.training.batch_size);
  };
  train(uses_cuda_graphs(device) ? 6 : 1);  // until every step takes the same path
  estimate.steps = device.is_cuda() ? 20 : 3;
  estimate.images_per_second = rate_of([&] { return train(estimate.steps); }, /*seconds=*/0);
  estimate.total_steps = total;
  estimate.hours = static_cast<double>(total) * static_cast<double>(config.training.batch_size) /
                   estimate.images_per_second / 3600;
  const double weights_mib = mib_of_floats(estimate.encoder_parameters + estimate.unet_parameters);
  const double optimizer_mib = mib_of_floats(optimizer_numbers(trainer));
  estimate.state_mib = 3 * weights_mib + optimizer_mib;
  estimate.checkpoint_mib = (config.training.ema_decay > 0 ? 2 : 1) * weights_mib + optimizer_mib;
  estimate.peak_process_mib = peak_process_mib();
  estimate.peak_gpu_mib = peak_gpu_mib(device);
  return estimate;
}

std::string estimate_text(const TrainingEstimate& e) {
  const std::string gpu =
      e.peak_gpu_mib > 0 ? ", and " + format_fixed(e.peak_gpu_mib, 0) + " MiB on the GPU" : "";
  return "parameters   " + format_fixed(e.unet_parameters / 1e6, 2) + " M UNet, " +
         format_fixed(e.encoder_parameters / 1e6, 3) + " M encoder and prototypes\nmemory       " +
         format_fixed(e.state_mib, 0) + " MiB for weights, gradients, optimiser and EMA, " +
         format_fixed(e.checkpoint_mib, 0) + " MiB more while a checkpoint is written; the process took " +
         format_fixed(e.peak_process_mib, 0) + " MiB without that" + gpu + "\nrate         " +
         rate_text(e.images_per_second) + " images/s (" + std::to_string(e.steps) + " steps)\nlength       " +
         pluralize(e.total_steps, "step") + ", about " + length_text(e.hours) + "\n";
}

}  // namespace patronus
