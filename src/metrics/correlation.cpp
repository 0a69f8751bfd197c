#include "patronus/metrics/correlation.h"

#include <ATen/Functions.h>
#include <ATen/TensorOperators.h>

#include <algorithm>
#include <limits>
#include <tuple>

namespace patronus {
namespace {

using Cluster = std::vector<int64_t>;
constexpr double kInfinity = std::numeric_limits<double>::infinity();

/// Merges cluster `b` into `a`, with a < b. `distance` [D, D]: average linkage between clusters; infinite on
/// the diagonal and for clusters already merged.
void join_clusters(std::vector<Cluster>& clusters, const at::Tensor& distance, int64_t a, int64_t b) {
  Cluster &first = clusters[a], &second = clusters[b];
  const auto share = static_cast<double>(first.size()) / static_cast<double>(first.size() + second.size());
  const auto joined = share * distance[a] + (1 - share) * distance[b];
  for (const auto& [cluster, values] :
       {std::pair(a, joined), std::pair(b, at::full_like(joined, kInfinity))}) {
    distance.select(0, cluster).copy_(values);
    distance.select(1, cluster).copy_(values);
  }
  if (second.size() > first.size()) std::swap(first, second);
  first.insert(first.end(), second.begin(), second.end());
}

/// Columns with mean 0 and length 1, or all 0 where they are constant.
at::Tensor unit_columns(const at::Tensor& x) {
  const auto values = x.to(at::kDouble);
  const auto centered = values - values.mean(0);
  // The norm would not do: the mean of equal values may differ from them by rounding.
  const auto varies = values.amin(0) < values.amax(0);
  const auto scale = at::where(varies, 1 / centered.norm(2, 0), 0.0);
  return centered * scale;
}

/// For each value of a column of `x` [N, D] how many are smaller: int64 [D, N].
at::Tensor places_in_columns(const at::Tensor& x) {
  const auto rows = x.t().contiguous();
  return at::searchsorted(std::get<0>(rows.sort(1)), rows);
}

/// Mid-ranks in columns whose values, with these places, occur `counts` (float64 [N]) times: float64 [D, N].
at::Tensor ranks_at(const at::Tensor& places, const at::Tensor& counts) {
  const auto at_place =
      at::zeros(places.sizes(), at::kDouble).scatter_add(1, places, counts.expand_as(places));
  return (at_place.cumsum(1) - (at_place - 1) / 2).gather(1, places);
}

}  // namespace

at::Tensor correlations(const at::Tensor& x) {
  const auto unit = unit_columns(x);
  return at::matmul(unit.t(), unit);
}

at::Tensor cross_correlations(const at::Tensor& x, const at::Tensor& y) {
  return at::matmul(unit_columns(x).t(), unit_columns(y));
}

double correlation_error(const at::Tensor& x, const at::Tensor& y) {
  const int64_t dimensions = x.size(1);
  if (dimensions < 2) return 0;
  const auto difference = correlations(x) - correlations(y);
  const auto sum = difference.square().sum() - difference.diagonal().square().sum();
  return (sum / static_cast<double>(dimensions * (dimensions - 1))).sqrt().item<double>();
}

at::Tensor mid_ranks(const at::Tensor& x) {
  TORCH_CHECK(x.dim() == 2 && !x.isnan().any().item<bool>(), "ranks of ", x.sizes(), ", or of NaN");
  return ranks_at(places_in_columns(x), at::ones({x.size(0)}, at::kDouble)).t();
}

at::Tensor spearman(const at::Tensor& x) {
  return correlations(mid_ranks(x));
}

double spearman(const at::Tensor& x, const at::Tensor& y) {
  return spearman(at::stack({x.to(at::kDouble), y.to(at::kDouble)}, 1))[0][1].item<double>();
}

Estimates spearman_intervals(const at::Tensor& x, int64_t comparisons) {
  TORCH_CHECK(x.size(0) >= 4 && comparisons >= 1, "intervals of ", x.size(0), " rows");
  const auto rho = spearman(x);
  const double tail = 0.05 / 2 / static_cast<double>(comparisons);
  const auto quantile = -at::special_ndtri(at::scalar_tensor(tail, at::kDouble));
  const auto error = ((1 + rho.square() / 2) / static_cast<double>(x.size(0) - 3)).sqrt();
  const auto z = rho.clamp(-1, 1).atanh();
  return {.value = rho, .low = (z - quantile * error).tanh(), .high = (z + quantile * error).tanh()};
}

RowStatistic paired_spearman(const at::Tensor& x, const at::Tensor& y) {
  const auto x_places = places_in_columns(x), y_places = places_in_columns(y);
  return [x_places, y_places](const at::Tensor& rows) {
    const auto counts = at::bincount(rows, {}, x_places.size(1)).to(at::kDouble);
    const auto mean = (counts.sum() + 1) / 2;
    const auto a = ranks_at(x_places, counts) - mean, b = ranks_at(y_places, counts) - mean;
    const auto product = [&](const at::Tensor& u, const at::Tensor& v) { return (counts * u * v).sum(1); };
    const auto scale = (product(a, a) * product(b, b)).sqrt();
    return at::where(scale > 0, product(a, b) / scale, 0.0);
  };
}

std::vector<int64_t> clustered_order(const at::Tensor& correlation) {
  const auto distance = (1 - correlation.abs()).to(at::kDouble).contiguous().fill_diagonal_(kInfinity);
  const int64_t count = distance.size(0);
  std::vector<Cluster> clusters;
  for (int64_t i = 0; i < count; ++i) clusters.push_back({i});
  for (int64_t joined = 1; joined < count; ++joined) {
    const auto nearest = distance.argmin().item<int64_t>();
    const auto [first, second] = std::minmax({nearest / count, nearest % count});
    join_clusters(clusters, distance, first, second);
  }
  return clusters.empty() ? Cluster{} : clusters.front();
}

}  // namespace patronus
