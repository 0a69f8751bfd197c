#pragma once
#include <ATen/core/Tensor.h>

#include <string>

namespace patronus {

/// The share of an asked change that arrived, (reached - before) . (target - before) / |target - before|^2
/// for activations [R, P] each: float64 [R], NaN where too little was asked of activations with this
/// `deviation` (`asks_enough`).
at::Tensor edit_gain(const at::Tensor& before, const at::Tensor& target, const at::Tensor& reached,
                     const at::Tensor& deviation);

/// Says how many edits ask for too little, of those that `enough` is about, and `from` what they are left
/// out; nothing where none does.
void log_left_out(const at::Tensor& enough, const std::string& from);

/// Mean absolute change of activations besides the one that was meant, whose change is `own` [R], of changes
/// [R, P] of which NaN do not count: float64 [R], 0 where there are no others.
at::Tensor drift_of_others(const at::Tensor& change, const at::Tensor& own);

}  // namespace patronus
