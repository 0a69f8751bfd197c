#include "training/kernel_profile.h"

#include <torch/csrc/autograd/profiler_kineto.h>

#include <algorithm>
#include <chrono>
#include <set>
#include <string_view>
#include <vector>

#include "patronus/core/log.h"
#include "patronus/core/text.h"

namespace patronus {
namespace {

namespace profiler = torch::autograd::profiler;
using profiler::ActivityType;
using profiler::ProfilerConfig;
using torch::profiler::impl::ProfilerState;

/// Kind of a kernel by parts of its name; the first match counts.
std::string kind_of_kernel(std::string_view name) {
  const auto has = [&](std::initializer_list<std::string_view> parts) {
    return std::any_of(parts.begin(), parts.end(),
                       [&](std::string_view part) { return name.find(part) != std::string_view::npos; });
  };
  if (has({"patronus"})) return "group norms";
  if (has({"fprop", "dgrad", "wgrad", "conv", "cudnn", "implicit"})) return kConvolutions;
  if (has({"flash", "fmha", "attention", "gemm", "cutlass", "nvjet", "splitK"}))
    return "matrix products, attention";
  if (has({"multi_tensor_apply"})) return "optimiser, average of the weights";
  if (has({"Memcpy", "Memset", "copy", "CatArray", "nchwToNhwc", "nhwcToNchw", "transpose", "direct_copy"})) {
    return "copies";
  }
  if (has({"distribution", "philox"})) return "random numbers";
  if (has({"reduce"})) return "sums";
  return "elementwise and others";
}

void log_slowest(const std::map<std::string, double>& kernels) {
  std::vector<std::pair<double, std::string>> order;
  for (const auto& [name, seconds] : kernels) order.emplace_back(seconds, name);
  std::sort(order.rbegin(), order.rend());
  constexpr size_t kShown = 30, kLongest = 160;
  for (size_t i = 0; i < std::min(kShown, order.size()); ++i) {
    log_debug(format_fixed(1e3 * order[i].first, 3) + " ms " + order[i].second.substr(0, kLongest));
  }
}

}  // namespace

OperationProfile profile_kernels(const std::function<void()>& work) {
  const std::set<ActivityType> activities{ActivityType::CUDA};
  const ProfilerConfig config(ProfilerState::KINETO);
  profiler::prepareProfiler(config, activities);
  profiler::enableProfiler(config, activities);
  const auto start = std::chrono::steady_clock::now();
  work();
  const std::chrono::duration<double> passed = std::chrono::steady_clock::now() - start;
  const auto trace = profiler::disableProfiler();
  OperationProfile profile{.seconds = passed.count()};
  std::map<std::string, double> kernels;
  for (const auto& event : trace->events()) {
    if (event.deviceType() != c10::DeviceType::CUDA) continue;
    const double seconds = 1e-9 * static_cast<double>(event.durationNs());
    profile.kinds[kind_of_kernel(event.name())] += seconds;
    kernels[event.name()] += seconds;
  }
  log_slowest(kernels);
  return profile;
}

}  // namespace patronus
