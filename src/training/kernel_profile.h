#pragma once
#include "training/operation_profile.h"

namespace patronus {

/// Runs `work`, which must wait until it is done, and records the kernels of the current GPU: seconds by kind
/// of kernel; the GPU idles for the rest. Does not count floating-point operations. With --verbose, logs the
/// slowest kernels.
OperationProfile profile_kernels(const std::function<void()>& work);

}  // namespace patronus
