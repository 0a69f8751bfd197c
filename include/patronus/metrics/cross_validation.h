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

/// Splits the rows 0 ... rows - 1 at random into `folds` test parts whose sizes differ by at most one, the
/// larger ones first; the train part of a fold is the rest. The same split as scikit-learn's
/// KFold(folds, shuffle=True, random_state=seed). ConfigError for fewer rows than folds.
std::vector<Fold> k_folds(int64_t rows, int64_t folds = 5, uint32_t seed = 0);

}  // namespace patronus
