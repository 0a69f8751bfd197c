#include "patronus/metrics/hypothesis_tests.h"

#include <ATen/Functions.h>
#include <ATen/TensorOperators.h>

#include <tuple>

#include "patronus/core/random.h"
#include "patronus/metrics/bootstrap.h"

namespace patronus {
namespace {

/// Student's t per column, from sums [..., M], sums of squares [M] and counts [M].
at::Tensor student_t(const at::Tensor& sum, const at::Tensor& squares, const at::Tensor& count) {
  constexpr double kRounding = 1e-12;  // share of the squares; below it, scatter is rounding error
  const auto scatter = at::maximum(squares - sum.square() / count.clamp_min(1), squares * kRounding);
  const auto t = sum / (scatter * count / (count - 1).clamp_min(1)).sqrt();
  return at::where(squares > 0, t, 0.);
}

/// Number of flips, per column, whose `flipped` [R, M] or [R, 1] is at least `t` [M].
at::Tensor times_as_large(const at::Tensor& flipped, const at::Tensor& t) {
  constexpr double kEqual = 1 - 1e-9;
  return (flipped >= t * kEqual).sum(0);
}

/// Empirical distribution functions of the rows of `sorted` [D, N], at `places` [D, K].
at::Tensor distribution_at(const at::Tensor& sorted, const at::Tensor& places) {
  const auto counts = at::searchsorted(sorted, places, /*out_int32=*/false, /*right=*/true);
  return counts.to(at::kDouble) / sorted.size(1);
}

at::Tensor sorted_dimensions(const at::Tensor& x) {
  return std::get<0>(x.to(at::kDouble).t().contiguous().sort(1));
}

}  // namespace

at::Tensor kolmogorov_smirnov(const at::Tensor& x, const at::Tensor& y) {
  const auto a = sorted_dimensions(x), b = sorted_dimensions(y);
  const auto places = at::cat({a, b}, 1);
  return (distribution_at(a, places) - distribution_at(b, places)).abs().amax(1);
}

SignFlipTest sign_flip_test(const at::Tensor& differences, const SignFlipOptions& options) {
  TORCH_CHECK(differences.dim() == 2 && differences.size(1) > 0, "sign flips of ", differences.sizes());
  constexpr int64_t kBlock = 500;  // flips per batch: all at once could take gigabytes
  const auto known = differences.isnan().logical_not();
  const auto x = differences.to(at::kDouble).nan_to_num();
  const auto count = known.sum(0).to(at::kDouble), squares = x.square().sum(0);
  auto generator = make_generator(options.seed);
  const auto signs = at::randint(2, {options.flips, x.size(0)}, generator, at::kDouble) * 2 - 1;
  const auto is_test = count >= kMinIntervalRows;
  const auto t = student_t(x.sum(0), squares, count);
  const auto own = t.abs() * is_test;
  auto alone = at::ones({x.size(1)}, at::kLong), in_family = alone.clone();  // counts the observation
  for (const auto& rows : signs.split(kBlock)) {
    const auto flipped = student_t(at::matmul(rows, x), squares, count).abs() * is_test;
    alone += times_as_large(flipped, own);
    in_family += times_as_large(flipped.amax(1, /*keepdim=*/true), own);
  }
  const auto share = [&](const at::Tensor& times) {
    return times.to(at::kDouble) / static_cast<double>(options.flips + 1);
  };
  return {.t = t, .p = share(alone), .family_p = share(in_family)};
}

at::Tensor benjamini_hochberg(const at::Tensor& p) {
  const int64_t count = p.numel();
  const auto [descending, order] = p.to(at::kDouble).sort(0, /*descending=*/true);
  const auto rank = at::arange(count, 0, -1, at::TensorOptions(at::kDouble));
  const auto scaled = (descending * static_cast<double>(count) / rank).clamp_max(1);
  return at::empty_like(scaled).index_copy_(0, order, std::get<0>(scaled.cummin(0)));
}

}  // namespace patronus
