#include "patronus/analysis/plausible_range.h"

#include <ATen/Functions.h>
#include <ATen/TensorOperators.h>

#include <tuple>

#include "patronus/analysis/encode.h"
#include "patronus/core/error.h"
#include "patronus/core/random.h"
#include "patronus/core/unknown.h"
#include "patronus/metrics/quantile.h"

namespace patronus {

PlausibleRange plausible_range(const at::Tensor& activation, const PlausibleRangeOptions& options) {
  if (!(options.quantile >= 0.5 && options.quantile <= 1)) {
    throw ConfigError(c10::str("quantile ", options.quantile, ": expected 0.5 to 1"));
  }
  const auto values = options.maximum == MaximumRule::kGlobal ? activation.reshape({-1, 1}) : activation;
  const auto sorted = std::get<0>(values.sort(0));
  const auto quantile = [&](double q) {
    return column_quantiles(sorted, at::full({values.size(1)}, q, at::kDouble)).expand(activation.size(1));
  };
  return {.minimum = quantile(1 - options.quantile), .maximum = quantile(options.quantile)};
}

at::Tensor is_varying(const at::Tensor& deviation) {
  constexpr double kMin = 1e-3;
  return deviation > kMin * deviation.max();
}

RealActivations real_activations(const TrainedModel& trained, const Dataset& real,
                                 const PlausibleRangeOptions& options) {
  const auto seed = trained.config.seed_for("subset");
  const auto activation = encode_activations(trained.model.encoder, real,
                                             draw_indices(real.size(), options.images, seed), trained.ranks);
  const auto deviation = activation.to(at::kDouble).std(0, /*unbiased=*/false);
  return {.activation = activation,
          .range = plausible_range(activation, options),
          .deviation = deviation.masked_fill(is_varying(deviation).logical_not(), kNaN)};
}

at::Tensor is_measurable_change(const at::Tensor& change, const at::Tensor& deviation) {
  const auto length = (change.to(at::kDouble) / deviation).square().nansum(-1).sqrt();
  return length >= kMinChange;
}

MovedActivations move_to_extreme(const RealActivations& real, const at::Tensor& activation, int64_t k,
                                 bool lowers) {
  const auto extreme = (lowers ? real.range.minimum : real.range.maximum)[k];
  const auto change = (extreme - activation.select(1, k)).to(at::kDouble);
  const auto enough = is_measurable_change(change.unsqueeze(1), real.deviation[k]);
  const auto rows = (lowers ? change < 0 : change > 0).logical_and(enough).nonzero().squeeze(1);
  auto edited = activation.index_select(0, rows);
  edited.select(1, k).fill_(extreme);
  return {.rows = rows, .target_change = change.index_select(0, rows), .edited = edited};
}

}  // namespace patronus
