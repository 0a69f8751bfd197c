#include "patronus/diagnosis/association.h"

#include <ATen/Functions.h>
#include <ATen/TensorOperators.h>

#include <algorithm>

#include "patronus/metrics/correlation.h"

namespace patronus {

std::vector<Association> associations(const at::Tensor& training, const at::Tensor& real,
                                      const at::Tensor& generated, const at::Tensor& counts,
                                      ActivationSource drawn_from, uint64_t seed) {
  const auto numbers = counts.nonzero().squeeze(1);
  const int64_t count = numbers.size(0);
  if (count < 2) return {};
  const auto pairs = at::triu_indices(count, count, 1);  // [2, M]
  const auto of_pairs = [&](const at::Tensor& judged, const at::Tensor& rows) {
    return correlations(judged.index_select(1, numbers).index_select(0, rows)).index({pairs[0], pairs[1]});
  };
  const BootstrapOptions options{.resamples = 1000, .seed = seed};
  const auto both = [&](const at::Tensor& rows) {
    return at::cat({of_pairs(real, rows), of_pairs(generated, rows)});
  };
  const auto exaggeration = [&](const at::Tensor& rows) {
    return of_pairs(generated, rows).abs() - of_pairs(real, rows).abs();
  };
  const auto interval = bca_interval(real.size(0), both, options);
  const auto difference = simultaneous_interval(real.size(0), exaggeration, options);
  std::vector<Association> all;
  const int64_t tests = pairs.size(1);
  for (int64_t m = 0; m < tests; ++m) {
    const int64_t a = numbers[pairs[0][m].item<int64_t>()].item<int64_t>();
    const int64_t b = numbers[pairs[1][m].item<int64_t>()].item<int64_t>();
    all.push_back({.drawn_from = drawn_from,
                   .a = static_cast<size_t>(a),
                   .b = static_cast<size_t>(b),
                   .training = training[a][b].item<double>(),
                   .real = interval[m],
                   .generated = interval[tests + m],
                   .difference = difference[m]});
  }
  std::stable_sort(all.begin(), all.end(), [](const Association& x, const Association& y) {
    return x.difference.low > y.difference.low;
  });
  return all;
}

}  // namespace patronus
