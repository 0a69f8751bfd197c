#pragma once
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "patronus/core/device.h"
#include "patronus/diffusion/denoiser.h"
#include "patronus/diffusion/schedule.h"
#include "patronus/distributed/process_group.h"
#include "patronus/models/patronus_model.h"
#include "patronus/run/checkpoint.h"
#include "patronus/run/prototype_names.h"
#include "patronus/run/run_config.h"

namespace patronus {

/// Images that a processor is given at once; more gain nothing.
inline constexpr int64_t kBatchOnCpu = 64;

/// A model ready for use: in evaluation mode, on its device.
struct TrainedModel {
  std::filesystem::path checkpoint;
  Weights weights;  // as used: kEma or kRaw
  int64_t step;
  int64_t training_seed;  // `config.seed` may be another one, of what a command draws
  RunConfig config;
  PatronusModel model;
  Schedule schedule;
  at::Device device;
  Precision precision;
  PrototypeNames names = {};           // those in the run's names.yaml
  std::vector<int64_t> disabled = {};  // prototypes that were taken out (analysis/disable_prototypes.h)
  ProcessGroup ranks =
      {};  // that share the work of analyses, each with the same model; by default this process
  int64_t largest_batch = kBatchOnCpu;  // that the device should be given
};

/// How many of `count` images an analysis works on at once: `asked` of them, or else as many as the device
/// should be given, where that leaves no rank without work.
int64_t batch_size_for(const TrainedModel& trained, std::optional<int64_t> asked, int64_t count);

/// The images that a GPU should be given at once where an evaluation of the network takes `bytes_per_image`
/// of `free_bytes`: a power of two, 8 to 1024, that takes at most a quarter of them, as guided
/// edits evaluate two an image.
int64_t images_that_fit(int64_t bytes_per_image, int64_t free_bytes);

/// "ema weights of step 3000 without prototypes 4, 12".
std::string weights_text(const TrainedModel& trained);

/// Loads a checkpoint with its own configuration, changed by `overrides` ("data.path=...",
/// "runtime.device=cpu"). ConfigError when the weights asked for are absent, or when an override would change
/// the model or its diffusion.
TrainedModel load_trained_model(const std::filesystem::path& checkpoint, Weights weights,
                                const std::vector<std::string>& overrides);
/// Loads a further checkpoint beside a model in use, onto the same device; the runtime settings of the
/// process stay as they are. ConfigError when the weights asked for are absent.
TrainedModel load_further_model(const std::filesystem::path& checkpoint, Weights weights, at::Device device);

/// Its UNet as a noise model (diffusion/conditional_denoiser.h), under conditions in which disabled
/// prototypes are at their mean.
ConditionalDenoiser conditional_denoiser(const TrainedModel& trained);

}  // namespace patronus
