#include "analysis/edit_measures.h"

#include <ATen/Functions.h>
#include <ATen/TensorOperators.h>

#include "patronus/analysis/plausible_range.h"
#include "patronus/core/log.h"
#include "patronus/core/text.h"
#include "patronus/core/unknown.h"
#include "patronus/models/receptive_field.h"

namespace patronus {

at::Tensor edit_gain(const at::Tensor& before, const at::Tensor& target, const at::Tensor& reached,
                     const at::Tensor& deviation) {
  const auto change = (target - before).to(at::kDouble), arrived = (reached - before).to(at::kDouble);
  const auto gain = (arrived * change).sum(1) / change.square().sum(1);
  return gain.where(is_measurable_change(change, deviation), kNaN);
}

void log_left_out(const at::Tensor& enough, const std::string& from) {
  const auto left_out = enough.logical_not().sum().item<int64_t>();
  if (left_out == 0) return;
  log_info("less than half a standard deviation is asked in " + std::to_string(left_out) + " of " +
           pluralize(enough.numel(), "edit") +
           ", too little for a share of it to mean anything; left out of " + from);
}

at::Tensor drift_of_others(const at::Tensor& change, const at::Tensor& own) {
  const auto others = (change.isfinite().sum(1) - 1).clamp_min(1);
  return (change.abs().nansum(1) - own.abs()).to(at::kDouble) / others;
}

at::Tensor share_inside(const at::Tensor& change, const at::Tensor& boxes) {
  const auto squared = change.square().sum(1).to(at::kDouble);  // [R, S, S]
  auto share = at::zeros({change.size(0)}, at::kDouble);
  for (int64_t r = 0; r < change.size(0); ++r) {
    const auto total = squared[r].sum().clamp_min(1e-30);
    share[r] = crop(squared[r], to_box(boxes[r])).sum() / total;
  }
  return share;
}

}  // namespace patronus
