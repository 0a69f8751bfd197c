#include "patronus/metrics/training_neighbours.h"

#include <ATen/Functions.h>
#include <ATen/TensorOperators.h>

#include <cmath>
#include <limits>
#include <tuple>

#include "metrics/squared_distances.h"
#include "patronus/metrics/wilson_interval.h"

namespace patronus {

TrainingNeighbours training_neighbours(const at::Tensor& generated, const at::Tensor& training,
                                       const at::Tensor& held_out, const at::Tensor& sources) {
  TORCH_CHECK(generated.dim() == 2 && training.sizes() == held_out.sizes() && training.dim() == 2 &&
                  training.size(1) == generated.size(1) &&
                  (!sources.defined() || sources.size(0) == generated.size(0)),
              "neighbours of ", generated.sizes(), " among ", training.sizes(), " and ", held_out.sizes());
  constexpr double kEqual = 1e-9;  // share by which squared distances differ that are equal but for rounding
  const int64_t count = training.size(0);
  const auto real = at::cat({training, held_out}).to(at::kCPU, at::kDouble), centre = real.mean(0);
  const auto centred = real - centre, vectors = generated.to(at::kCPU, at::kDouble) - centre;
  const auto numbers = at::arange(2 * count).remainder(count);  // of the rows of both
  TrainingNeighbours found;
  auto times_nearest = at::zeros({2 * count}, at::kLong);
  for (int64_t first = 0; first < vectors.size(0); first += kDistanceRows) {
    auto distances = squared_distances(vectors.slice(0, first, first + kDistanceRows), centred);
    if (sources.defined()) {
      const auto own = sources.slice(0, first, first + kDistanceRows).unsqueeze(1) == numbers;
      distances.masked_fill_(own, std::numeric_limits<double>::infinity());
    }
    const auto [nearest, index] = distances.unflatten(1, {2, count}).min(2);  // [B, 2]
    const auto to_training = nearest.select(1, 0), to_held_out = nearest.select(1, 1);
    const auto is_decided =
        (to_training - to_held_out).abs() > kEqual * at::maximum(to_training, to_held_out);
    const auto is_training = is_decided.logical_and(to_training < to_held_out);
    const auto row = at::where(is_training, index.select(1, 0), index.select(1, 1) + count);
    found.training += is_training.sum().item<int64_t>();
    found.vectors += is_decided.sum().item<int64_t>();
    times_nearest.add_(at::bincount(row.masked_select(is_decided), {}, 2 * count));
  }
  found.shared_pairs = (times_nearest * (times_nearest - 1)).sum().item<int64_t>();
  return found;
}

Estimate training_share(const std::vector<TrainingNeighbours>& sets) {
  TrainingNeighbours all;
  double pairs = 0;
  for (const auto& set : sets) {
    all.training += set.training;
    all.vectors += set.vectors;
    all.shared_pairs += set.shared_pairs;
    pairs += static_cast<double>(set.vectors) * static_cast<double>(set.vectors - 1);
  }
  if (all.vectors == 0) return wilson_interval(0, 0);
  const auto total = static_cast<double>(all.vectors);
  const double share = static_cast<double>(all.training) / total;
  const double shared = pairs > 0 ? static_cast<double>(all.shared_pairs) / pairs : 0;
  const double trials = total / (1 + (total - 1) * shared);
  Estimate estimate = wilson_interval(std::llround(share * trials), std::llround(trials));
  estimate.value = share;
  return estimate;
}

}  // namespace patronus
