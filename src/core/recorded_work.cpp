#include "patronus/core/recorded_work.h"

#include <c10/util/Exception.h>

#include <string>

#include "patronus/core/log.h"

#ifdef PATRONUS_CUDA
#include <ATen/cuda/CUDAGeneratorImpl.h>
#include <ATen/cuda/CUDAGraph.h>
#include <c10/cuda/CUDACachingAllocator.h>
#include <c10/cuda/CUDAFunctions.h>
#include <c10/cuda/CUDAGuard.h>
#endif

namespace patronus {

#ifdef PATRONUS_CUDA

struct RecordedWork::Graph {
  at::cuda::CUDAGraph graph;

  Graph(at::Device device, const std::function<void()>& work) {
    const c10::cuda::CUDAGuard on_device(device);
    c10::cuda::device_synchronize();
    c10::cuda::CUDACachingAllocator::emptyCache();  // what the work needed until now, it needs no more
    // The default stream cannot be recorded.
    const c10::cuda::CUDAStreamGuard stream(
        c10::cuda::getStreamFromPool(/*isHighPriority=*/false, device.index()));
    graph.capture_begin({0, 0}, cudaStreamCaptureModeThreadLocal);
    try {
      work();
    } catch (...) {
      end_after_failure(device.index());
      throw;
    }
    graph.capture_end();
  }

 private:
  /// The stream computes again, and so does the default generator, which is new but for its seed.
  void end_after_failure(c10::DeviceIndex device) {
    try {
      graph.capture_end();
    } catch (const std::exception&) {  // the first error is the one to tell
    }
    const auto generator = at::cuda::detail::getDefaultCUDAGenerator(device);
    const auto fresh = at::cuda::detail::createCUDAGenerator(device);
    fresh.unsafeGetGeneratorImpl()->set_current_seed(generator.current_seed());
    generator.unsafeGetGeneratorImpl()->graphsafe_set_state(fresh.getIntrusivePtr());
  }
};

std::optional<RecordedWork> RecordedWork::record(at::Device device, std::function<void()> work) {
  if (!device.is_cuda()) return RecordedWork(std::move(work));
  try {
    return RecordedWork(std::make_shared<Graph>(device, work));
  } catch (const std::exception& e) {  // of LibTorch, or of a kernel of ours
    const auto* error = dynamic_cast<const c10::Error*>(&e);
    const std::string reason = error != nullptr ? error->what_without_backtrace() : e.what();
    log_warning("no CUDA graph, every operation is launched on its own: " +
                reason.substr(0, reason.find('\n')));
    return std::nullopt;
  }
}

void RecordedWork::replay() const {
  graph_ ? graph_->graph.replay() : work_();
}

#else

struct RecordedWork::Graph {};

std::optional<RecordedWork> RecordedWork::record(at::Device device, std::function<void()> work) {
  TORCH_CHECK(!device.is_cuda(), "this program was built without CUDA's headers, and makes no graphs");
  return RecordedWork(std::move(work));
}

void RecordedWork::replay() const {
  work_();
}

#endif

namespace {

bool graphs_are_on = true;

}  // namespace

bool makes_graphs(at::Device device) {
#ifdef PATRONUS_CUDA
  return device.is_cuda() && graphs_are_on;
#else
  static_cast<void>(device);
  return false;
#endif
}

void set_graphs(bool on) {
  graphs_are_on = on;
}

}  // namespace patronus
