#pragma once
#include "patronus/models/unet_blocks.h"

namespace patronus::test {

/// Inputs of a residual block from `activated`, SiLU of the embeddings.
inline Embeddings projected(const ResidualBlockImpl& block, const Embeddings& activated) {
  Linear time = block.time_projection(), condition = block.condition_projection();
  return {.time = time(activated.time),
          .condition = condition ? condition(activated.condition) : activated.condition};
}

}  // namespace patronus::test
