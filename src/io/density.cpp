#include "patronus/io/density.h"

#include <ATen/Functions.h>
#include <ATen/TensorOperators.h>

#include "patronus/core/to_vector.h"

namespace patronus {

Series density(const std::string& name, const at::Tensor& values, double low, double high) {
  constexpr int64_t kBins = 40;
  const double width = (high - low) / kBins;
  const auto counts = at::histc(values.to(at::kFloat), kBins, low, high);
  return {.name = name,
          .x = to_vector(low + width * (at::arange(kBins, at::kDouble) + 0.5)),
          .y = to_vector(counts / (static_cast<double>(values.numel()) * width))};
}

}  // namespace patronus
