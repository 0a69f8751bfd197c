#pragma once
#include <ATen/core/Tensor.h>

#include <cstdint>
#include <vector>

namespace patronus {

/// Rows of one fold of a cross-validation: int64, ascending.
struct Fold {
  at::Tensor train;
  at::Tensor test;
};

/// Splits the rows 0 ... rows - 1 at random into five test parts whose sizes differ by at most one, the
/// larger ones first; the train part of a fold is the rest. The same split as scikit-learn's
/// KFold(5, shuffle=True, random_state=0). ConfigError for fewer rows than that.
std::vector<Fold> k_folds(int64_t rows);

}  // namespace patronus
