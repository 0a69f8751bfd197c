#pragma once
#include <ATen/core/Tensor.h>

#include <cstdint>

#include "patronus/data/faces.h"

namespace patronus::test {

/// Where each attribute of the first `count` images of a split is drawn, or would be: the pixels that change
/// visibly when this attribute alone is switched on or off. bool [count, 9, size, size].
at::Tensor face_masks(const FacesConfig& config, Split split, int64_t size, int64_t count);

}  // namespace patronus::test
