#pragma once
#include "training/operation_profile.h"

namespace patronus {

/// Runs `work`, which must wait for its end, and watches the kernels of the GPU that is current: seconds by
/// kind of kernel, the rest of the time being the GPU's idle time. Floating-point operations are not counted.
/// With --verbose the log names the slowest kernels.
OperationProfile profile_kernels(const std::function<void()>& work);

}  // namespace patronus
