#pragma once
#include <string>
#include <string_view>

#include "patronus/interop/tensor_file.h"

namespace patronus {

/// Parses a printed Python value: dictionaries with text or integer keys, lists, tuples (as lists), text,
/// numbers, True, False, None, and `device(type='cuda', index=0)` as the text "cuda:0". Throws DataError
/// "<source>:<line>: ...".
Value parse_python_literal(std::string_view text, const std::string& source);

/// Prints `value`, without tensors, as Python that `parse_python_literal` and Python's `eval` read.
std::string python_literal(const Value& value);

}  // namespace patronus
