#pragma once
#include <c10/macros/Macros.h>
#include <c10/util/Exception.h>  // needed by PhiloxRNGEngine.h, which does not include it

#include <ATen/core/PhiloxRNGEngine.h>

#include <cmath>
#include <cstdint>

namespace patronus {

/// Standard normal numbers as a function of their position, so that any thread on any device can draw them:
/// number i of a draw is `values[i % 4]` of block i / 4.
struct NormalBlock {
  float values[4];
};

/// Philox 4x32-10 (Salmon et al., 2011) with key `seed` and counter (draw, block), then the Box-Muller
/// transform. CPU and GPU differ by the rounding of logarithm, sine and cosine.
C10_HOST_DEVICE inline NormalBlock normal_block(uint64_t seed, uint64_t draw, uint64_t block) {
  constexpr float kUnit = 1.0F / 4294967296.0F;
  at::philox_engine philox(seed, draw, block);
  NormalBlock normal;
  for (int pair = 0; pair < 2; ++pair) {
    const float above_zero = (static_cast<float>(philox()) + 1) * kUnit;
    const float angle = static_cast<float>(philox()) * kUnit * 6.28318530718F;
    const float radius = sqrtf(-2 * logf(above_zero));
    normal.values[2 * pair] = radius * cosf(angle);
    normal.values[2 * pair + 1] = radius * sinf(angle);
  }
  return normal;
}

}  // namespace patronus
