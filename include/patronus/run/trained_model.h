#pragma once
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "patronus/core/device.h"
#include "patronus/diffusion/denoiser.h"
#include "patronus/diffusion/noise_schedule.h"
#include "patronus/distributed/process_group.h"
#include "patronus/models/patronus_model.h"
#include "patronus/run/checkpoint.h"
#include "patronus/run/prototype_names.h"
#include "patronus/run/run_config.h"

namespace patronus {

/// Largest batch on CPUs; larger ones are not faster.
inline constexpr int64_t kMaxCpuBatchSize = 64;

/// A model ready for use: in evaluation mode, on its device.
struct TrainedModel {
  std::filesystem::path checkpoint;
  Weights weights;  // resolved: kEma or kRaw
  int64_t step;
  RunConfig training_config;
  RunConfig config;  // with what a command sets: the seed of what it draws, its images, runtime
  PatronusModel model;
  NoiseSchedule schedule;
  at::Device device;
  Precision precision;
  PrototypeNames names = {};           // from the run's names.yaml
  std::vector<int64_t> disabled = {};  // disabled prototypes (analysis/disable_prototypes.h)
  // Ranks that share the work of analyses, each with the same model; by default this process alone.
  ProcessGroup ranks = {};
  int64_t max_batch_size = kMaxCpuBatchSize;  // largest batch for the device
};

/// Number of `count` images that an analysis processes at once: `requested`, or else at most the device's
/// largest batch, less (but not below kMaxCpuBatchSize) to give all ranks work.
int64_t batch_size_for(const TrainedModel& trained, std::optional<int64_t> requested, int64_t count);

/// Batch size for a GPU with `free_bytes` if a network evaluation takes `bytes_per_image`: a power of two
/// from 8 to 1024, at most a quarter of the memory (except for 8), as guided edits evaluate two images per
/// image.
int64_t batch_size_for_memory(int64_t bytes_per_image, int64_t free_bytes);

/// Describes the weights: "ema weights of step 3000 without prototypes 4, 12".
std::string weights_text(const TrainedModel& trained);

/// Loads a checkpoint with its own configuration, changed by `overrides` ("data.path=...",
/// "runtime.device=cpu"). Throws ConfigError if the requested weights are missing, or an override would
/// change the model or its diffusion.
TrainedModel load_trained_model(const std::filesystem::path& checkpoint, Weights weights,
                                const std::vector<std::string>& overrides);
/// Loads another checkpoint onto the device of a model in use, without changing the process's runtime
/// settings. Throws ConfigError if the requested weights are missing.
TrainedModel load_another_model(const std::filesystem::path& checkpoint, Weights weights, at::Device device);

/// The UNet as a noise model (diffusion/conditional_denoiser.h); sets disabled prototypes to their mean in
/// all conditions.
ConditionalDenoiser conditional_denoiser(const TrainedModel& trained);

}  // namespace patronus
