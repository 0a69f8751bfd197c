#pragma once
#include <string>

#include "patronus/interop/tensor_file.h"
#include "patronus/run/run_config.h"

namespace patronus {

/// The key under which their settings keep a torch.device.
inline constexpr const char* kReferenceDevice = "DEVICE";

/// Our defaults, but for what the authors' code does differently: no moving average, distinct margin 0.2.
RunConfig reference_defaults();

/// ConfigError naming a setting that is out of its range, or several that do not go together.
void check_ranges(RunConfig& config);

/// The settings that the authors' code would have kept of this model's training: {"BaseConfig",
/// "ModelConfig", "TrainingConfig"}, lists for its tuples. `device`: "cpu", "cuda" or "cuda:1".
Dict reference_config(const RunConfig& config, const std::string& device);

/// Those settings as their `config.txt`.
std::string reference_config_text(const Dict& config);

}  // namespace patronus
