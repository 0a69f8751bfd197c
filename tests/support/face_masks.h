#pragma once
#include <ATen/core/Tensor.h>

#include <cstdint>

#include "patronus/data/faces.h"

namespace patronus::test {

/// Where each attribute of a split's first `count` images is, or would be, drawn: the pixels that change
/// visibly if only this attribute is switched. bool [count, 9, size, size].
at::Tensor face_masks(const FacesConfig& config, Split split, int64_t size, int64_t count);

}  // namespace patronus::test
