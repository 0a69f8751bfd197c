#include "patronus/metrics/cross_validation.h"

#include <ATen/Functions.h>

#include <bit>
#include <random>
#include <string>
#include <tuple>
#include <utility>

#include "patronus/core/error.h"

namespace patronus {
namespace {

/// Uniform number in 0 ... largest by NumPy's masked rejection sampling.
uint32_t draw_at_most(uint32_t largest, std::mt19937& generator) {
  const uint32_t mask = std::bit_ceil(largest + 1) - 1;
  for (;;) {
    const auto drawn = static_cast<uint32_t>(generator()) & mask;
    if (drawn <= largest) return drawn;
  }
}

/// 0 ... rows - 1, shuffled as NumPy's RandomState(0) does (Fisher and Yates).
at::Tensor shuffled_rows(int64_t rows) {
  auto order = at::arange(rows, at::kLong);
  auto* p = order.data_ptr<int64_t>();
  std::mt19937 generator(0);
  for (int64_t i = rows - 1; i > 0; --i) {
    std::swap(p[i], p[draw_at_most(static_cast<uint32_t>(i), generator)]);
  }
  return order;
}

}  // namespace

std::vector<Fold> k_folds(int64_t rows) {
  constexpr int64_t kFolds = 5;
  if (rows < kFolds) {
    throw ConfigError("cross-validation: " + std::to_string(rows) + " rows cannot be split into " +
                      std::to_string(kFolds) + " folds; take more images");
  }
  const auto order = shuffled_rows(rows);
  std::vector<Fold> result;
  for (const auto& test : order.tensor_split(kFolds)) {
    const auto train = at::ones({rows}, at::kBool).index_fill_(0, test, 0).nonzero().squeeze(1);
    result.push_back({train, std::get<0>(test.sort())});
  }
  return result;
}

}  // namespace patronus
