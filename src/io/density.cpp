#include "patronus/io/density.h"

#include <ATen/Functions.h>
#include <ATen/TensorOperators.h>

namespace patronus {

std::vector<double> to_vector(const at::Tensor& values) {
  const auto x = values.to(at::kCPU, at::kDouble).contiguous();
  return {x.const_data_ptr<double>(), x.const_data_ptr<double>() + x.numel()};
}

Series density(const std::string& name, const at::Tensor& values, double low, double high) {
  constexpr int64_t kBins = 40;
  const double width = (high - low) / kBins;
  const auto counts = at::histc(values.to(at::kFloat), kBins, low, high);
  return {.name = name,
          .x = to_vector(low + width * (at::arange(kBins, at::kDouble) + 0.5)),
          .y = to_vector(counts / (static_cast<double>(values.numel()) * width))};
}

}  // namespace patronus
