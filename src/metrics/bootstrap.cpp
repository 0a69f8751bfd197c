#include "patronus/metrics/bootstrap.h"

#include <ATen/Functions.h>
#include <ATen/TensorOperators.h>

#include <algorithm>
#include <vector>

#include "patronus/core/random.h"
#include "patronus/core/unknown.h"
#include "patronus/metrics/quantile.h"

namespace patronus {
namespace {

constexpr double kLevel = 0.95;
constexpr double kTail = (1 - kLevel) / 2;

at::Tensor resampled(int64_t rows, const RowStatistic& statistic, const BootstrapOptions& options) {
  auto generator = make_generator(options.seed);
  std::vector<at::Tensor> values;
  for (int64_t b = 0; b < options.resamples; ++b) {
    values.push_back(statistic(at::randint(rows, {rows}, generator, at::kLong)));
  }
  return at::stack(values).to(at::kDouble);
}

/// The statistic with each row left out in turn, or each of 100 blocks of rows: [n, M].
at::Tensor jackknifed(int64_t rows, const RowStatistic& statistic) {
  const int64_t blocks = std::min<int64_t>(rows, 100);
  const auto all = at::arange(rows);
  std::vector<at::Tensor> values;
  for (int64_t b = 0; b < blocks; ++b) {
    const int64_t first = b * rows / blocks, end = (b + 1) * rows / blocks;
    values.push_back(statistic(at::cat({all.slice(0, 0, first), all.slice(0, end)})));
  }
  return at::stack(values).to(at::kDouble);
}

/// BCa's acceleration: skewness of the statistic's influence values, divided by 6.
at::Tensor acceleration(const at::Tensor& without_one) {
  const auto influence = without_one.mean(0) - without_one;
  const auto spread = influence.square().sum(0).pow(1.5);
  return at::where(spread > 0, influence.pow(3).sum(0) / (6 * spread), 0.);
}

}  // namespace

Estimates bca_interval(int64_t rows, const RowStatistic& statistic, const BootstrapOptions& options) {
  const auto estimate = statistic(at::arange(rows)).to(at::kDouble);
  const auto unknown = at::full_like(estimate, kNaN);
  if (rows < kMinIntervalRows) return {estimate, unknown, unknown};
  const auto values = resampled(rows, statistic, options);
  const auto known = values.isnan().logical_not().sum(0).clamp_min(1).to(at::kDouble);
  const auto below = (values < estimate).to(at::kDouble) + (values <= estimate).to(at::kDouble);
  const auto least = 0.5 / known;
  const auto bias = at::special_ndtri((below.sum(0) / known / 2).clamp(least, 1 - least));
  const auto a = acceleration(jackknifed(rows, statistic));
  const auto sorted = std::get<0>(values.sort(0));
  const auto end = [&](double tail) {
    const auto z = bias + at::special_ndtri(at::full_like(bias, tail));
    return column_quantiles(sorted, at::special_ndtr(bias + z / (1 - a * z)));
  };
  return {estimate, end(kTail), end(1 - kTail)};
}

Estimates mean_intervals(const at::Tensor& x, const BootstrapOptions& options) {
  const Estimates means = bca_interval(
      x.size(0), [&](const at::Tensor& rows) { return x.index_select(0, rows).nanmean(0); }, options);
  const auto few = x.isnan().logical_not().sum(0) < kMinIntervalRows;
  return {means.value, means.low.masked_fill(few, kNaN), means.high.masked_fill(few, kNaN)};
}

Estimates simultaneous_interval(int64_t rows, const RowStatistic& statistic,
                                const BootstrapOptions& options) {
  TORCH_CHECK(rows >= 2, "a bootstrap of ", rows, " rows");
  const auto estimate = statistic(at::arange(rows)).to(at::kDouble);
  const auto values = resampled(rows, statistic, options);
  const auto error = values.std(0);
  // A statistic that varies by rounding alone must not widen the intervals of the others.
  const auto t = at::where(error > 1e-12 * (1 + estimate.abs()), (values - estimate).abs() / error, 0.0);
  const auto largest = t.amax(1);
  const auto width = error * at::quantile(largest, kLevel);
  return {estimate, estimate - width, estimate + width};
}

Estimate Estimates::operator[](int64_t number) const {
  const auto at_number = [&](const at::Tensor& all) { return all[number].item<double>(); };
  return {at_number(value), at_number(low), at_number(high)};
}

Estimates Estimates::row(int64_t index) const {
  return {value[index], low[index], high[index]};
}

at::Tensor poisson_bootstrap_weights(uint64_t seed, int64_t first, int64_t count, int64_t resamples) {
  const auto once = at::ones({resamples}, at::kDouble);
  std::vector<at::Tensor> columns;
  for (int64_t i = first; i < first + count; ++i) {
    const auto generator = make_generator(derive_seed(seed, "bootstrap", static_cast<uint64_t>(i)));
    columns.push_back(at::cat({at::ones({1}, at::kDouble), at::poisson(once, generator)}));
  }
  return at::stack(columns, 1);
}

Estimates percentile_intervals(const at::Tensor& rows) {
  const auto shape = rows.sizes().slice(1);
  const auto columns = rows.reshape({rows.size(0), -1});
  const auto sorted = std::get<0>(columns.slice(0, 1).sort(0));
  const auto bound = [&](double share) {
    return column_quantiles(sorted, at::full({columns.size(1)}, share, at::kDouble)).view(shape);
  };
  return {columns[0].view(shape).clone(), bound(kTail), bound(1 - kTail)};
}

}  // namespace patronus
