#include "patronus/metrics/sign_flip.h"

#include <ATen/Functions.h>
#include <ATen/TensorOperators.h>

#include "patronus/core/random.h"

namespace patronus {
namespace {

/// Student's t of columns with these sums [..., M], sums of squares [M] and counts [M].
at::Tensor student_t(const at::Tensor& sum, const at::Tensor& squares, const at::Tensor& count) {
  constexpr double kRounding = 1e-12;  // of the squares, below which a column does not vary
  const auto scatter = at::maximum(squares - sum.square() / count.clamp_min(1), squares * kRounding);
  const auto t = sum / (scatter * count / (count - 1).clamp_min(1)).sqrt();
  return at::where(squares > 0, t, 0.);
}

/// Share of the flips, the observation among them, in which `flipped` [R, M] or [R, 1] is not below `t` [M].
at::Tensor share_as_large(const at::Tensor& flipped, const at::Tensor& t) {
  constexpr double kEqual = 1 - 1e-9;
  const auto count = (flipped >= t * kEqual).sum(0).to(at::kDouble);
  return (count + 1) / static_cast<double>(flipped.size(0) + 1);
}

}  // namespace

SignFlipTest sign_flip_test(const at::Tensor& differences, const SignFlipOptions& options) {
  TORCH_CHECK(differences.dim() == 2 && differences.size(1) > 0, "sign flips of ", differences.sizes());
  const auto known = differences.isnan().logical_not();
  const auto x = differences.to(at::kDouble).nan_to_num();
  const auto count = known.sum(0).to(at::kDouble), squares = x.square().sum(0);
  auto generator = make_generator(options.seed);
  const auto signs = at::randint(2, {options.flips, x.size(0)}, generator, at::kDouble) * 2 - 1;
  const auto is_test = count >= kFewestFlipped;
  const auto flipped = student_t(at::matmul(signs, x), squares, count).abs() * is_test;
  SignFlipTest test{.t = student_t(x.sum(0), squares, count), .p = {}, .family_p = {}};
  const auto t = test.t.abs() * is_test;
  test.p = share_as_large(flipped, t);
  test.family_p = share_as_large(flipped.amax(1, /*keepdim=*/true), t);
  return test;
}

}  // namespace patronus
