#include "patronus/metrics/pca.h"

#include <ATen/Functions.h>
#include <ATen/TensorOperators.h>

#include <algorithm>
#include <tuple>

#include "patronus/core/random.h"

namespace patronus {
namespace {

struct Eigenpairs {
  at::Tensor values;   // [P], descending
  at::Tensor vectors;  // [n, P]
};

/// The `count` largest eigenpairs of a positive semidefinite matrix [n, n].
Eigenpairs largest_eigenpairs(const at::Tensor& matrix, int64_t count) {
  const auto [values, vectors] = at::linalg_eigh(matrix);
  return {values.slice(0, -count).flip(0).clamp_min(0), vectors.slice(1, -count).flip(1)};
}

/// The same by subspace iteration on 2 count + 10 dimensions, until the eigenvalues converge.
Eigenpairs iterated_eigenpairs(const at::Tensor& matrix, int64_t count) {
  constexpr int kMaxIterations = 100;
  auto image = at::randn({matrix.size(0), 2 * count + 10}, make_generator(0), at::kDouble);
  at::Tensor basis;
  Eigenpairs pairs;
  for (int i = 0; i < kMaxIterations; ++i) {
    basis = std::get<0>(at::linalg_qr(image));
    image = at::matmul(matrix, basis);
    const auto before = pairs.values;
    pairs = largest_eigenpairs(at::matmul(basis.t(), image), count);
    if (i > 0 && ((pairs.values - before).abs() <= 1e-10 * pairs.values[0]).all().item<bool>()) break;
  }
  return {pairs.values, at::matmul(basis, pairs.vectors)};
}

}  // namespace

at::Tensor Pca::transform(const at::Tensor& x) const {
  return at::matmul(x.to(at::kDouble) - mean, components.t());
}

Pca fit_pca(const at::Tensor& x, int64_t count) {
  constexpr int64_t kDirect = 1000;  // a full decomposition of this size takes a second
  const int64_t rows = x.size(0), dimensions = x.size(1);
  TORCH_CHECK(rows >= 2 && 1 <= count && count <= std::min(rows, dimensions), count, " components of ",
              x.sizes());
  const auto mean = x.to(at::kDouble).mean(0);
  const auto centred = x.to(at::kDouble) - mean;
  // The Gram matrix of the rows has the covariance's nonzero eigenvalues and is smaller if rows are few.
  const bool few_rows = rows < dimensions;
  const auto matrix =
      (few_rows ? at::matmul(centred, centred.t()) : at::matmul(centred.t(), centred)) / (rows - 1);
  const bool direct = matrix.size(0) <= std::max(kDirect, 8 * count);
  const auto [variance, vectors] =
      direct ? largest_eigenpairs(matrix, count) : iterated_eigenpairs(matrix, count);

  auto components = few_rows ? at::matmul(vectors.t(), centred) : vectors.t();
  components = components / components.norm(2, 1, /*keepdim=*/true).clamp_min(1e-300);
  const auto largest = components.gather(1, components.abs().argmax(1, /*keepdim=*/true));
  const auto sign = at::where(variance > 1e-12 * variance[0], largest.squeeze(1).sign(), 0.0);
  return {mean, components * sign.unsqueeze(1)};
}

}  // namespace patronus
