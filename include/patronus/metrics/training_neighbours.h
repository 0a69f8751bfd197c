#pragma once
#include <ATen/core/Tensor.h>

#include <cstdint>
#include <vector>

#include "patronus/metrics/bootstrap.h"

namespace patronus {

/// Counts of generated vectors by what is nearest to them. Those with a training and a held-out vector
/// equally near tell nothing and are left out.
struct TrainingNeighbours {
  int64_t training = 0;      // nearest to a training vector
  int64_t vectors = 0;       // nearest to a training or a held-out vector
  int64_t shared_pairs = 0;  // ordered pairs of two of them with the same nearest vector
};

/// Finds the nearest of `training` and `held_out`, both [K, D], for each row of `generated` [M, D]; any
/// floating-point type, computed in float64 on the CPU. `sources` int64 [M], if defined: the row of
/// `held_out` from which a row was generated, which does not count for it, nor, so that both are as many, the
/// training row of that number; negative: none.
TrainingNeighbours training_neighbours(const at::Tensor& generated, const at::Tensor& training,
                                       const at::Tensor& held_out, const at::Tensor& sources = {});

/// Share of the vectors of all sets that are nearest to a training vector: 0.5 if the generator knows no more
/// of these than of held-out ones, towards 1 if it repeats them. With Wilson's 95 % interval; as vectors that
/// share their nearest one are no independent trials, N of them count as N / (1 + (N - 1) q), where q is the
/// share of pairs that do (Kish 1965). NaN for none.
Estimate training_share(const std::vector<TrainingNeighbours>& sets);

}  // namespace patronus
