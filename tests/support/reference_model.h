#pragma once
#include <string>
#include <vector>

#include "patronus/interop/tensor_file.h"
#include "patronus/models/patronus_model.h"
#include "support/named_tensors.h"

namespace patronus::test {

/// The encoder's part of a case: lists under `prefix` + channels, kernels, strides, paddings. The reference
/// ignores the first entry of its channels.
EncoderConfig reference_encoder(const Dict& config, const std::string& prefix);

/// The model that a case's `config` describes, dropout 0, in evaluation mode; weights of the case's state
/// dict, if any.
PatronusModel reference_model(const Dict& config, const Dict* state_dict);

/// Fills in all weights but those whose constructor's values count, and checks both kinds against the
/// recorded sums.
void fill_by_formula(const NamedTensors& state, const Dict& file);

/// How far an activation may lie from the reference's, whose distances may be wrong by `distance_error`
/// (parity README, encoder files).
at::Tensor activation_tolerance(const at::Tensor& distances, double distance_error);

/// The distance error that the parity README allows: rounding of |x|² - 2 x·p + |p|².
double distance_tolerance(const at::Tensor& features, const at::Tensor& prototypes);

}  // namespace patronus::test
