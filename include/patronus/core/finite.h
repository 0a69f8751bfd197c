#pragma once
#include <ATen/core/Tensor.h>

#include <string>

namespace patronus {

/// DataError where rows of `values` [N, ...] have a value that is not finite; its text says of `where` how
/// many of how many `what` they are, and which is the first.
void require_finite_rows(const at::Tensor& values, const std::string& where, const std::string& what);

}  // namespace patronus
