#pragma once
#include <ATen/core/Tensor.h>

#include <string>

#include "interop/pickled_objects.h"

namespace patronus {

/// Whether "module.name" is one of the few functions called in pickles of numpy arrays and of Python 3's
/// bytes.
bool is_array_function(const std::string& name);

/// Result of such a function. Throws DataError for unsupported arguments or non-numeric elements.
PickledObject call_array_function(const std::string& name, const PickledSequence& arguments);

/// Throws DataError if the state of a dtype, (version, byte order, ...), is big-endian.
void require_own_byte_order(const PickledObject& state);

/// Array described by its pickled state (version, shape, dtype, Fortran order, bytes). Throws DataError if
/// these are inconsistent.
at::Tensor array_content(const PickledObject& state);

}  // namespace patronus
