#pragma once
#include <ATen/core/Tensor.h>

#include <cstdint>
#include <vector>

namespace patronus {

/// Rows of one cross-validation fold: int64, ascending.
struct Fold {
  at::Tensor train;
  at::Tensor test;
};

/// Splits the rows 0 ... rows - 1 at random into five test parts with sizes differing by at most one, larger
/// ones first; a fold's train part is the rest. Same split as scikit-learn's KFold(5, shuffle=True,
/// random_state=0). Throws ConfigError for fewer than five rows.
std::vector<Fold> k_folds(int64_t rows);

}  // namespace patronus
