#include "patronus/analysis/plausible_range.h"

#include <ATen/Functions.h>

#include <cmath>
#include <tuple>

#include "patronus/analysis/encode.h"
#include "patronus/core/error.h"
#include "patronus/core/random.h"

namespace patronus {
namespace {

/// [N, P] to [P], linear between order statistics. (LibTorch's own refuses large tables.)
at::Tensor quantile_of_columns(const at::Tensor& values, double quantile) {
  const auto sorted = std::get<0>(values.sort(0));
  const double place = quantile * static_cast<double>(values.size(0) - 1);
  const auto low = static_cast<int64_t>(std::floor(place)), high = static_cast<int64_t>(std::ceil(place));
  return at::lerp(sorted[low], sorted[high], place - static_cast<double>(low));
}

}  // namespace

PlausibleRange plausible_range(const at::Tensor& activation, const PlausibleRangeOptions& options) {
  if (!(options.quantile >= 0 && options.quantile <= 1)) {
    throw ConfigError(c10::str("quantile ", options.quantile, ": expected 0 to 1"));
  }
  const auto values = options.global ? activation.reshape({-1, 1}) : activation;
  const auto quantile = [&](double q) { return quantile_of_columns(values, q).expand(activation.size(1)); };
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
