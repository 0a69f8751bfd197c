#include "training/operation_profile.h"

#include <ATen/core/ivalue.h>
#include <ATen/record_function.h>

#include <algorithm>
#include <chrono>
#include <memory>
#include <mutex>
#include <string_view>

namespace patronus {
namespace {

using Clock = std::chrono::steady_clock;

std::mutex profile_mutex;  // on a GPU, the backward pass runs in another thread
OperationProfile* profile = nullptr;
thread_local int depth = 0;  // nesting of operators: only the outermost is timed

double seconds_between(Clock::time_point start, Clock::time_point end) {
  return std::chrono::duration<double>(end - start).count();
}

std::string kind_of(std::string_view name) {
  const auto has = [&](std::string_view part) { return name.find(part) != std::string_view::npos; };
  if (has("conv")) return kConvolutions;
  if (has("adamw") || has("muon") || has("_foreach")) return "optimiser, average of the weights";
  if (has("linear") || has("mm") || has("matmul") || has("attention")) return "matrix products, attention";
  if (has("copy") || has("cat") || has("::to") || has("contiguous") || has("clone") || has("shuffle")) {
    return "copies";
  }
  if (has("rand") || has("normal") || has("bernoulli")) return "random numbers";
  return "elementwise and others";
}

double product(at::IntArrayRef sizes) {
  double result = 1;
  for (const int64_t size : sizes) result *= static_cast<double>(size);
  return result;
}

double flop_of(const at::RecordFunction& call) {
  const std::string_view name = call.name();
  const auto inputs = call.inputs();
  const auto sizes = [&](size_t i) { return inputs[i].toTensor().sizes(); };
  // Two operations (multiply, add) per output and kernel element; the kernel is [out, in, ...].
  const auto convolution = [&](double outputs, at::IntArrayRef kernel) {
    return 2 * outputs * product(kernel.slice(1));
  };
  if (name == "aten::convolution") {
    const auto image = sizes(0), kernel = sizes(1);
    const auto stride = inputs[3].toIntVector(), padding = inputs[4].toIntVector();
    // A list of one number applies to all dimensions.
    const auto of_dimension = [](const std::vector<int64_t>& numbers, size_t d) {
      return numbers[std::min(d, numbers.size() - 1)];
    };
    double outputs = static_cast<double>(image[0] * kernel[0]);
    for (size_t d = 0; d + 2 < image.size(); ++d) {
      const int64_t room = image[d + 2] + 2 * of_dimension(padding, d) - kernel[d + 2];
      outputs *= static_cast<double>(room / of_dimension(stride, d) + 1);
    }
    return convolution(outputs, kernel);
  }
  if (name == "aten::convolution_backward") {
    const auto wanted = inputs[10].toBoolList();
    return (double(wanted[0]) + double(wanted[1])) * convolution(product(sizes(0)), sizes(2));
  }
  // Ours: counted as a direct convolution.
  if (name == "patronus::winograd_convolution") {
    const auto image = sizes(0), kernel = sizes(1);
    return convolution(static_cast<double>(image[0] * kernel[0] * image[2] * image[3]), kernel);
  }
  if (name == "patronus::winograd_convolution_gradient") return convolution(product(sizes(0)), sizes(1));
  if (name == "aten::mm" || name == "aten::bmm") return 2 * product(sizes(0)) * double(sizes(1).back());
  if (name == "aten::addmm") return 2 * product(sizes(1)) * double(sizes(2).back());
  return 0;
}

struct Started : at::ObserverContext {
  Clock::time_point time;
  bool counts;
};

/// Whether the call is an operator, LibTorch's or ours; the backward pass records other steps as well.
bool is_operator(const at::RecordFunction& call) {
  const std::string_view name = call.name();
  return name.starts_with("aten::") || name.starts_with("patronus::");
}

std::unique_ptr<at::ObserverContext> begin_operator(const at::RecordFunction& call) {
  auto started = std::make_unique<Started>();
  started->counts = is_operator(call) && depth++ == 0;
  if (const double flop = flop_of(call); flop > 0) {
    const std::lock_guard lock(profile_mutex);
    profile->flop += flop;
    if (kind_of(call.name()) == kConvolutions) profile->convolution_flop += flop;
  }
  started->time = Clock::now();
  return started;
}

void end_operator(const at::RecordFunction& call, at::ObserverContext* context) {
  const auto& started = static_cast<const Started&>(*context);
  if (is_operator(call)) --depth;
  if (!started.counts) return;
  const double seconds = seconds_between(started.time, Clock::now());
  const std::lock_guard lock(profile_mutex);
  profile->kinds[kind_of(call.name())] += seconds;
}

/// Registers a callback for all of LibTorch's operators during its lifetime.
class GlobalCallback {
 public:
  explicit GlobalCallback(at::RecordFunctionCallback callback) : handle_(at::addGlobalCallback(callback)) {}
  ~GlobalCallback() { at::removeCallback(handle_); }
  GlobalCallback(const GlobalCallback&) = delete;
  GlobalCallback& operator=(const GlobalCallback&) = delete;

 private:
  at::CallbackHandle handle_;
};

}  // namespace

OperationProfile profile_operations(const std::function<void()>& work) {
  OperationProfile result;
  profile = &result;
  const GlobalCallback watching(at::RecordFunctionCallback(begin_operator, end_operator)
                                    .needsInputs(true)
                                    .scopes({at::RecordScope::FUNCTION}));
  const auto start = Clock::now();
  work();
  result.seconds = seconds_between(start, Clock::now());
  return result;
}

}  // namespace patronus
