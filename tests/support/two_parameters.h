#pragma once
#include <ATen/Functions.h>

#include "patronus/core/random.h"
#include "patronus/models/module_state.h"

namespace patronus::test {

/// Parameters "a" [3, 4] and "b" [5] with fixed values.
inline NamedTensors two_parameters() {
  return {{"a", at::randn({3, 4}, make_generator(1)).requires_grad_()},
          {"b", at::randn({5}, make_generator(2)).requires_grad_()}};
}

}  // namespace patronus::test
