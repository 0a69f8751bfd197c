#pragma once
#include <ATen/core/Tensor.h>

#include <cstdint>
#include <functional>

#include "patronus/run/run_config.h"

namespace patronus {

/// Something to measure: does it once, waits for its end, and gives how much was done, in units.
using MeasuredWork = std::function<double()>;

/// The work done in a second, over at least so many seconds; once at least.
double rate_of(const MeasuredWork& work, double seconds);

/// How many repetitions are launched before they are waited for: several on a GPU, so that it does not idle
/// between them, as it does not in training and sampling; 1 on the CPU.
int64_t launches_per_wait(at::Device device);

/// Waits until a tensor is there.
void wait_for(const at::Tensor& tensor);

/// `count` images of the configuration's format, [count, C, S, S] in [-1, 1].
at::Tensor random_images(const RunConfig& config, int64_t count, at::Device device);

/// The most memory that this process has taken until now, in MiB.
double peak_process_mib();
/// The most that its tensors have taken on `device`, in MiB; 0 on the CPU.
double peak_gpu_mib(at::Device device);

}  // namespace patronus
