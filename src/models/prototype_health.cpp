#include "patronus/models/prototype_health.h"

#include <ATen/Functions.h>
#include <ATen/TensorOperators.h>
#include <c10/core/GradMode.h>

#include <algorithm>

#include "patronus/metrics/correlation.h"
#include "patronus/metrics/effective_dimension.h"
#include "patronus/metrics/quantile.h"

namespace patronus {

PrototypeHealth prototype_health(PrototypeEncoder& encoder, const at::Tensor& images) {
  const c10::NoGradGuard no_grad;
  std::vector<at::Tensor> activations;
  const auto device = encoder->prototypes().device();
  auto wins = at::zeros({encoder->prototypes().size(0)}, at::TensorOptions().dtype(at::kLong).device(device));
  for (const auto& batch : encoder_batches(images)) {
    const auto features = encoder->features(batch.to(device));
    activations.push_back(encoder->match(features).activation);
    wins += at::bincount(encoder->distances(features).argmin(1).flatten(), {}, wins.size(0));
  }
  const auto activation = at::cat(activations).to(at::kCPU, at::kDouble);  // [N, P]
  const auto deviation = activation.std(0, /*unbiased=*/false);
  const auto dead = deviation < 1e-3;

  const auto correlation = correlations(activation);
  const auto living = dead.logical_not().nonzero().squeeze(1);
  const auto between_living = correlation.index_select(0, living).index_select(1, living);
  const auto pairs = static_cast<double>(std::max<int64_t>(1, living.numel() * (living.numel() - 1)));
  const auto alike = (correlation > 0.99).tril(-1) & dead.logical_not().unsqueeze(1) & dead.logical_not();
  return {.count = activation.size(1),
          .median_range = nan_median(activation.amax(0) - activation.amin(0)).item<double>(),
          .winners = (wins > 0).sum().item<int64_t>(),
          .duplicates = alike.any(1).sum().item<int64_t>(),
          .dead = dead.sum().item<int64_t>(),
          .mean_correlation =
              (between_living.abs().sum() - between_living.diagonal().abs().sum()).item<double>() / pairs,
          .effective_rank = living.numel() > 0 ? effective_rank(between_living) : 0};
}

}  // namespace patronus
