#pragma once
#include <string>
#include <string_view>

#include "patronus/interop/tensor_file.h"

namespace patronus {

/// The value that printed Python stands for: dictionaries with text or integer keys, lists, tuples (as
/// lists), text, numbers, True, False, None, and `device(type='cuda', index=0)` as the text "cuda:0".
/// DataError "<source>:<line>: ...".
Value parse_python_literal(std::string_view text, const std::string& source);

/// `value` as printed Python that `parse_python_literal` and Python's `eval` read; no tensors.
std::string python_literal(const Value& value);

}  // namespace patronus
