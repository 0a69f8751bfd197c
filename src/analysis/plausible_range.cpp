#include "patronus/analysis/plausible_range.h"

#include <ATen/Functions.h>

#include <tuple>

#include "patronus/analysis/encode.h"
#include "patronus/core/error.h"
#include "patronus/core/random.h"
#include "patronus/metrics/quantile.h"

namespace patronus {

PlausibleRange plausible_range(const at::Tensor& activation, const PlausibleRangeOptions& options) {
  if (!(options.quantile >= 0 && options.quantile <= 1)) {
    throw ConfigError(c10::str("quantile ", options.quantile, ": expected 0 to 1"));
  }
  const auto values = options.global ? activation.reshape({-1, 1}) : activation;
  const auto sorted = std::get<0>(values.sort(0));
  const auto quantile = [&](double q) {
    return column_quantiles(sorted, at::full({values.size(1)}, q, at::kDouble)).expand(activation.size(1));
  };
  return {.minimum = quantile(1 - options.quantile), .maximum = quantile(options.quantile)};
}

RealActivations real_activations(const TrainedModel& trained, const Dataset& real,
                                 const PlausibleRangeOptions& options) {
  const auto seed = derive_seed(static_cast<uint64_t>(trained.config.seed), "subset");
  const auto activation =
      encode_activations(trained.model.encoder, real, draw_indices(real.size(), options.images, seed));
  return {.activation = activation,
          .range = plausible_range(activation, options),
          .deviation = activation.to(at::kDouble).std(0, /*unbiased=*/false).clamp_min(1e-9)};
}

bool is_global_maximum(const std::string& name) {
  if (name != "prototype" && name != "global") {
    throw ConfigError("maximum '" + name + "': expected prototype or global");
  }
  return name == "global";
}

}  // namespace patronus
