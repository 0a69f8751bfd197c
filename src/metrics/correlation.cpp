#include "patronus/metrics/correlation.h"

#include <ATen/Functions.h>
#include <ATen/TensorOperators.h>

#include <algorithm>
#include <limits>
#include <tuple>

namespace patronus {
namespace {

using Cluster = std::vector<int64_t>;

double mean_distance(const at::TensorAccessor<double, 2>& distance, const Cluster& a, const Cluster& b) {
  double sum = 0;
  for (const int64_t i : a) {
    for (const int64_t j : b) sum += distance[i][j];
  }
  return sum / static_cast<double>(a.size() * b.size());
}

/// Joins the two clusters that are nearest to each other.
void join_nearest(std::vector<Cluster>& clusters, const at::TensorAccessor<double, 2>& distance) {
  double nearest = std::numeric_limits<double>::infinity();
  size_t first = 0, second = 1;
  for (size_t a = 0; a < clusters.size(); ++a) {
    for (size_t b = a + 1; b < clusters.size(); ++b) {
      const double d = mean_distance(distance, clusters[a], clusters[b]);
      if (d >= nearest) continue;
      nearest = d;
      first = a;
      second = b;
    }
  }
  if (clusters[second].size() > clusters[first].size()) std::swap(clusters[first], clusters[second]);
  clusters[first].insert(clusters[first].end(), clusters[second].begin(), clusters[second].end());
  clusters.erase(clusters.begin() + static_cast<std::ptrdiff_t>(second));
}

}  // namespace

at::Tensor correlations(const at::Tensor& x) {
  const auto values = x.to(at::kDouble);
  const auto centered = values - values.mean(0);
  // Not by the length: the mean of equal numbers may differ from them by its rounding.
  const auto varies = values.amin(0) < values.amax(0);
  const auto scale = at::where(varies, 1 / centered.norm(2, 0), 0.0);
  const auto unit = centered * scale;
  return at::matmul(unit.t(), unit);
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
  const auto rows = x.t().contiguous();
  const auto sorted = std::get<0>(rows.sort(1));
  const auto smaller = at::searchsorted(sorted, rows);
  const auto not_larger = at::searchsorted(sorted, rows, /*out_int32=*/false, /*right=*/true);
  return ((smaller + not_larger + 1).to(at::kDouble) / 2).t();
}

at::Tensor spearman(const at::Tensor& x) {
  return correlations(mid_ranks(x));
}

double spearman(const at::Tensor& x, const at::Tensor& y) {
  return spearman(at::stack({x.to(at::kDouble), y.to(at::kDouble)}, 1))[0][1].item<double>();
}

std::vector<int64_t> clustered_order(const at::Tensor& correlation) {
  const auto distance = (1 - correlation.abs()).to(at::kDouble).contiguous();
  std::vector<Cluster> clusters;
  for (int64_t i = 0; i < distance.size(0); ++i) clusters.push_back({i});
  while (clusters.size() > 1) join_nearest(clusters, distance.accessor<double, 2>());
  return clusters.empty() ? Cluster{} : clusters.front();
}

}  // namespace patronus
