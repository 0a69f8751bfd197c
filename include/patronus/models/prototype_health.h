#pragma once
#include <ATen/core/Tensor.h>

#include <cstdint>

#include "patronus/models/prototype_encoder.h"

namespace patronus {

/// Whether prototypes carry information, over a set of images.
struct PrototypeHealth {
  int64_t count = 0;        // P
  double median_range = 0;  // median over prototypes of (largest - smallest activation)
  int64_t winners = 0;      // prototypes that are the nearest one to at least one patch
  int64_t duplicates = 0;   // prototypes whose activation correlates above 0.99 with that of an earlier one
  int64_t dead = 0;         // prototypes whose activation hardly varies (standard deviation below 1e-3)
  // Mean |correlation| of the activations of two different prototypes that are not dead: 0 where each says
  // something of its own.
  double mean_correlation = 0;
  // Effective rank (Roy and Vetterli 2007) of the correlation matrix of those prototypes: how many
  // independent ones would vary as much, 1 .. P; 0 where all are dead.
  double effective_rank = 0;
};

/// Of fewer images activations correlate by chance.
inline constexpr int64_t kFewestHealthImages = 32;

/// `images`: [N, C, S, S], N at least 2; on the CPU, or on the encoder's device, which they are brought to a
/// batch at a time.
PrototypeHealth prototype_health(PrototypeEncoder& encoder, const at::Tensor& images);

}  // namespace patronus
