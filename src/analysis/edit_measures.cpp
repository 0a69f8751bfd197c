#include "analysis/edit_measures.h"

#include <ATen/Functions.h>
#include <ATen/TensorOperators.h>

namespace patronus {

at::Tensor edit_gain(const at::Tensor& before, const at::Tensor& target, const at::Tensor& reached) {
  const auto change = (target - before).to(at::kDouble), arrived = (reached - before).to(at::kDouble);
  return (arrived * change).sum(1) / change.square().sum(1);
}

at::Tensor drift_of_others(const at::Tensor& change, const at::Tensor& own) {
  const auto others = (change.isfinite().sum(1) - 1).clamp_min(1);
  return (change.abs().nansum(1) - own.abs()).to(at::kDouble) / others;
}

}  // namespace patronus
