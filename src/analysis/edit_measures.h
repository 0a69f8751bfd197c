#pragma once
#include <ATen/core/Tensor.h>

#include <string>

namespace patronus {

/// Share of a requested change that is reached, (reached - before) . (target - before) / |target - before|^2,
/// for activations [R, P] each: float64 [R]. NaN if too little is requested (`is_measurable_change`, with the
/// `deviation` [P] of the activations).
at::Tensor edit_gain(const at::Tensor& before, const at::Tensor& target, const at::Tensor& reached,
                     const at::Tensor& deviation);

/// Logs how many edits request too little (false in `enough`) and that they are left out of `from` ("the
/// median gain"); logs nothing if there are none.
void log_left_out(const at::Tensor& enough, const std::string& from);

/// Mean absolute change of all activations but the edited one: float64 [R]; 0 if there are no others.
/// `change`: [R, P], in which NaN does not count; `own`: [R], change of the edited activation.
at::Tensor drift_of_others(const at::Tensor& change, const at::Tensor& own);

/// Share of the squared change of each image inside its box: float64 [R]. `change`: [R, C, S, S]; `boxes`:
/// int64 [R, 4].
at::Tensor share_inside(const at::Tensor& change, const at::Tensor& boxes);

}  // namespace patronus
