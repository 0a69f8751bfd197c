#pragma once
#include <ATen/core/Tensor.h>

#include <string>

#include "interop/pickled_objects.h"

namespace patronus {

/// Whether "module.name" is one of the few functions that pickles of numpy's arrays, and of Python 3's bytes,
/// call.
bool is_array_function(const std::string& name);

/// What such a function gives. DataError for arguments that it does not take, and for elements that are not
/// numbers.
PickledObject call_array_function(const std::string& name, const PickledSequence& arguments);

/// DataError where the state of a dtype, (version, byte order, ...), is not of this machine's byte order.
void require_own_byte_order(const PickledObject& state);

/// The content that the state of an array describes: (version, shape, dtype, Fortran order, bytes). DataError
/// where these do not fit together.
at::Tensor array_content(const PickledObject& state);

}  // namespace patronus
