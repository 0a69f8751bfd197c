#include "training/measure.h"

#include <ATen/Functions.h>
#include <ATen/TensorOperators.h>

#include <chrono>
#include <fstream>
#include <string>

#include "patronus/core/error.h"
#include "patronus/core/gpu.h"

namespace patronus {

double rate_of(const MeasuredWork& work, double seconds) {
  using Clock = std::chrono::steady_clock;
  const auto start = Clock::now();
  double done = 0, passed = 0;
  do {
    done += work();
    passed = std::chrono::duration<double>(Clock::now() - start).count();
  } while (passed < seconds);
  return done / passed;
}

int64_t launches_per_wait(at::Device device) {
  return device.is_cuda() ? 10 : 1;
}

void wait_for(const at::Tensor& tensor) {
  tensor.flatten()[0].item<float>();
}

at::Tensor random_images(const RunConfig& config, int64_t count, at::Device device) {
  const int64_t size = config.data.size;
  return at::rand({count, config.data.channels, size, size}, at::TensorOptions(device)) * 2 - 1;
}

double peak_process_mib() {
  // getrusage would give the peak of the process that started this one, where that was larger.
  std::ifstream status("/proc/self/status");
  for (std::string name; status >> name;) {
    double kib = 0;
    if (name == "VmHWM:" && status >> kib) return kib / 1024;
  }
  throw Error("/proc/self/status: says nothing of the memory's peak (VmHWM)");
}

double peak_gpu_mib(at::Device device) {
  return static_cast<double>(peak_gpu_bytes(device)) / (1 << 20);
}

}  // namespace patronus
