#include "models/sinusoid_table.h"

#include <ATen/Functions.h>
#include <ATen/TensorOperators.h>

#include <cmath>

namespace patronus {

at::Tensor sinusoid_table(int64_t rows, int64_t width) {
  const int64_t half = width / 2;
  const auto frequency =
      at::exp(at::arange(half, at::kFloat) * (-std::log(1e4) / static_cast<double>(half - 1)));
  const auto angle = at::arange(rows, at::kFloat).unsqueeze(1) * frequency;
  return at::cat({angle.sin(), angle.cos()}, 1);
}

}  // namespace patronus
