#include "patronus/core/standardizer.h"

#include <ATen/Functions.h>
#include <ATen/TensorOperators.h>

namespace patronus {

Standardizer fit_standardizer(const at::Tensor& x) {
  // For constant columns, rounding of the mean would leave a tiny deviation.
  const auto varies = x.amax(0) > x.amin(0);
  const auto deviation = x.std(0, /*unbiased=*/false);
  return {x.mean(0), at::where(varies, deviation, at::ones_like(deviation))};
}

}  // namespace patronus
