#pragma once
#include <ATen/core/Tensor.h>

#include <cstdint>
#include <functional>

#include "patronus/run/run_config.h"

namespace patronus {

/// Work to measure: does it once, waits until it is done and returns its amount in units.
using MeasuredWork = std::function<double()>;

/// Amount of work per second, measured for at least `seconds`, at least once.
double rate_of(const MeasuredWork& work, double seconds);

/// Repetitions launched before waiting: several on a GPU, so that it does not idle in between, as it does not
/// in training and sampling; 1 on the CPU.
int64_t launches_per_wait(at::Device device);

/// Waits until `tensor` is computed.
void wait_for(const at::Tensor& tensor);

/// Random images [count, C, S, S] in [-1, 1] in the configuration's format.
at::Tensor random_images(const RunConfig& config, int64_t count, at::Device device);

/// Peak memory of this process so far, in MiB.
double peak_process_mib();
/// Peak memory of its tensors on `device`, in MiB; 0 on the CPU.
double peak_gpu_mib(at::Device device);

}  // namespace patronus
