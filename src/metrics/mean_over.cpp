#include "patronus/metrics/mean_over.h"

#include <ATen/Functions.h>

#include "patronus/core/unknown.h"

namespace patronus {

MeanOver mean_over(const std::vector<double>& values, const char* over, Deviation of) {
  if (values.empty()) return {.over = over};
  const auto numbers = at::tensor(values, at::kDouble);
  const bool sample = of == Deviation::kSample;
  return {.mean = numbers.mean().item<double>(),
          .deviation = sample && values.size() == 1 ? kNaN : numbers.std(/*unbiased=*/sample).item<double>(),
          .count = numbers.numel(),
          .over = over};
}

}  // namespace patronus
