#pragma once
#include <string>

#include "patronus/run/run_config.h"

namespace patronus {

/// The text of the `config.txt` that the authors' code would have written for this model.
std::string reference_config_text(const RunConfig& config);

}  // namespace patronus
