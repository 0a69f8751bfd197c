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

/// On a GPU the next one is launched while the last one runs, as training and sampling do; measured one by
/// one, it would stand still in between.
int64_t in_a_row(at::Device device);

/// Waits until a tensor is there.
void wait_for(const at::Tensor& tensor);

/// `count` images of the configuration's format, [count, C, S, S] in [-1, 1].
at::Tensor random_images(const RunConfig& config, int64_t count, at::Device device);

/// The most memory that this process has taken until now, in MiB.
double peak_process_mib();
/// The most that its tensors have taken on `device`, in MiB; 0 on the CPU.
double peak_gpu_mib(at::Device device);

}  // namespace patronus
