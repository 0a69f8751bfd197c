#pragma once
#include <ATen/core/Tensor.h>

#include <cstdint>

#include "models/norm_task.h"

namespace patronus {

/// A number of channels that is worth a thread of its own: whole groups.
int64_t independent_channels(int64_t group_size);

/// y of channels begin ... end - 1, whole groups. `type`: float32 or bfloat16, that of `x` and `y`.
void normalize_channels(const NormTask& task, at::ScalarType type, const void* x, void* y, int64_t begin,
                        int64_t end);

/// dx of these channels, and their sums.
void differentiate_channels(const NormTask& task, const NormSums& sums, at::ScalarType type, const void* x,
                            const void* dy, void* dx, int64_t begin, int64_t end);

}  // namespace patronus
