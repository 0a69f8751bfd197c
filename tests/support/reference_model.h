#pragma once
#include <string>
#include <vector>

#include "patronus/interop/tensor_file.h"
#include "patronus/models/patronus_model.h"
#include "support/named_tensors.h"

namespace patronus::test {

/// Encoder settings of a case: lists named `prefix` + channels, kernels, strides, paddings. Drops the first
/// of the channels, which the reference ignores.
EncoderConfig reference_encoder(const Dict& config, const std::string& prefix);

/// The model that a case's `config` describes, dropout 0, in evaluation mode, with the case's weights if it
/// has any.
PatronusModel reference_model(const Dict& config, const Dict* state_dict);

/// Fills all weights by formula, except those that keep their constructor's values; checks both against the
/// recorded sums.
void fill_by_formula(const NamedTensors& state, const Dict& file);

/// Tolerance for activations if the reference's distances are off by `distance_error` (parity README, encoder
/// files).
at::Tensor activation_tolerance(const at::Tensor& distances, double distance_error);

/// Distance error that the parity README allows: rounding of |x|² - 2 x·p + |p|².
double distance_tolerance(const at::Tensor& features, const at::Tensor& prototypes);

}  // namespace patronus::test
