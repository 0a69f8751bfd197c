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

/// A number measured in every fold, or in those where it could be.
struct MeanOverFolds {
  double mean = 0;
  double deviation = 0;  // of the population (divided by the number of folds), as the paper's ±
  int64_t folds = 0;     // that it was measured in; 0: nothing is known of it
};

/// Mean and deviation of `values` [folds].
MeanOverFolds mean_over_folds(const at::Tensor& values);

}  // namespace patronus
