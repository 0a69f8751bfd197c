#pragma once
#include <ATen/core/Tensor.h>

#include <cstdint>

#include "patronus/models/prototype_encoder.h"

namespace patronus {

/// Measures of whether prototypes carry information, over a set of images.
struct PrototypeHealth {
  int64_t count = 0;        // P
  double median_range = 0;  // median over prototypes of (largest - smallest activation)
  int64_t winners = 0;      // prototypes that are the nearest one to at least one patch
  int64_t duplicates = 0;   // not dead, activation correlates above 0.99 with an earlier one's
  int64_t dead = 0;         // prototypes with a standard deviation of activation below 1e-3
  // Mean |correlation| between the activations of different prototypes that are not dead: 0 if they are
  // uncorrelated.
  double mean_correlation = 0;
  // Effective rank (Roy and Vetterli 2007) of these prototypes' correlation matrix: the effective number of
  // independent ones, 1 .. P; 0 if all are dead.
  double effective_rank = 0;
};

/// Fewest images for a measurement; with fewer, activations correlate by chance.
inline constexpr int64_t kMinHealthImages = 32;

/// Measures prototype health over `images`, [N, C, S, S], N at least 2, on the CPU (copied to the encoder's
/// device batch by batch) or on that device.
PrototypeHealth prototype_health(PrototypeEncoder& encoder, const at::Tensor& images);

}  // namespace patronus
