#pragma once
#include <ATen/core/Tensor.h>

#include <cstdint>

#include "models/norm_task.h"

namespace patronus {

/// Number of channels, whole groups, that is worth a separate task.
int64_t independent_channels(int64_t group_size);

/// Computes y for channels begin ... end - 1, whole groups. `type`: of `x` and `y`, float32 or bfloat16.
void normalize_channels(const NormTask& task, at::ScalarType type, const void* x, void* y, int64_t begin,
                        int64_t end);

/// Computes dx of these channels and their sums.
void differentiate_channels(const NormTask& task, const NormSums& sums, at::ScalarType type, const void* x,
                            const void* dy, void* dx, int64_t begin, int64_t end);

}  // namespace patronus
