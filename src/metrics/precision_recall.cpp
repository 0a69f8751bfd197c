#include "patronus/metrics/precision_recall.h"

#include <ATen/Functions.h>
#include <ATen/TensorOperators.h>

#include <algorithm>
#include <tuple>
#include <vector>

#include "metrics/squared_distances.h"

namespace patronus {
namespace {

/// Squared distance of every row to its k-th nearest other row: [N]. Slightly enlarged, so that this
/// neighbour is inside the ball however its distance rounds.
at::Tensor ball_sizes(const at::Tensor& sample, int64_t neighbours) {
  std::vector<at::Tensor> sizes;
  for (const auto& rows : sample.split(kDistanceRows)) {
    const auto nearest =
        std::get<0>(squared_distances(rows, sample).topk(neighbours + 1, 1, /*largest=*/false));
    sizes.push_back(nearest.select(1, neighbours));
  }
  return at::cat(sizes).mul_(1 + 1e-9);
}

double fraction_of(const at::Tensor& truths) {
  return truths.to(at::kDouble).mean().item<double>();
}

}  // namespace

PrecisionRecall precision_recall(const at::Tensor& real, const at::Tensor& generated, int64_t neighbours) {
  TORCH_CHECK(real.dim() == 2 && generated.dim() == 2 && real.size(1) == generated.size(1) &&
                  neighbours >= 1 && std::min(real.size(0), generated.size(0)) > neighbours,
              "precision and recall of ", real.sizes(), " and ", generated.sizes(), " by ", neighbours,
              " neighbours");
  const auto real_vectors = real.to(at::kCPU, at::kDouble), centre = real_vectors.mean(0);
  const auto x = real_vectors - centre, y = generated.to(at::kCPU, at::kDouble) - centre;
  const auto x_balls = ball_sizes(x, neighbours), y_balls = ball_sizes(y, neighbours).unsqueeze(1);
  auto covered = at::zeros({x.size(0)}, at::kBool), recalled = at::zeros_like(covered);
  std::vector<at::Tensor> balls_around;  // per generated vector
  for (int64_t first = 0; first < y.size(0); first += kDistanceRows) {
    const auto distances = squared_distances(y.slice(0, first, first + kDistanceRows), x);
    const auto in_real = distances <= x_balls;
    const auto in_generated = distances <= y_balls.slice(0, first, first + kDistanceRows);
    balls_around.push_back(in_real.sum(1));
    covered |= in_real.any(0);
    recalled |= in_generated.any(0);
  }
  const auto balls = at::cat(balls_around);
  return {.precision = fraction_of(balls > 0),
          .recall = fraction_of(recalled),
          .density = fraction_of(balls) / static_cast<double>(neighbours),
          .coverage = fraction_of(covered)};
}

}  // namespace patronus
