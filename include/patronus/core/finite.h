#pragma once
#include <ATen/core/Tensor.h>

#include <string>

namespace patronus {

/// Throws DataError if rows of `values` [N, ...] are not finite; the message begins with `where` and says how
/// many of the N `what` these are, and which is the first.
void require_finite_rows(const at::Tensor& values, const std::string& where, const std::string& what);

}  // namespace patronus
