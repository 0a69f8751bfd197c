#include "patronus/analysis/plausible_maximum.h"

#include <ATen/Functions.h>

#include "patronus/core/error.h"

namespace patronus {

at::Tensor plausible_maximum(const at::Tensor& activation, const PlausibleMaximumOptions& options) {
  if (!(options.quantile >= 0 && options.quantile <= 1)) {
    throw ConfigError(c10::str("quantile ", options.quantile, ": expected 0 to 1"));
  }
  // One prototype at a time: LibTorch's quantile refuses large tables.
  std::vector<at::Tensor> quantiles;
  for (const auto& column : activation.unbind(1)) quantiles.push_back(at::quantile(column, options.quantile));
  const auto maximum = at::stack(quantiles);
  return options.global ? at::full_like(maximum, maximum.max().item()) : maximum;
}

bool is_global_maximum(const std::string& name) {
  if (name != "prototype" && name != "global") {
    throw ConfigError("maximum '" + name + "': expected prototype or global");
  }
  return name == "global";
}

}  // namespace patronus
