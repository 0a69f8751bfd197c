#pragma once
#include <string>

#include "patronus/interop/tensor_file.h"
#include "patronus/run/run_config.h"

namespace patronus {

/// Key of the reference's settings that holds a torch.device.
inline constexpr const char* kReferenceDevice = "DEVICE";

/// Our defaults, except where the authors' code differs: no moving average, distinct margin 0.2.
RunConfig reference_defaults();

/// Throws ConfigError naming a setting that is out of range, or several that conflict.
void check_ranges(RunConfig& config);

/// The settings that the authors' code would save for this model: {"BaseConfig", "ModelConfig",
/// "TrainingConfig"}, with lists in place of tuples. `device`: "cpu", "cuda" or "cuda:1".
Dict reference_config(const RunConfig& config, const std::string& device);

/// Those settings as the text of `config.txt`.
std::string reference_config_text(const Dict& config);

}  // namespace patronus
