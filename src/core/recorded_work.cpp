#include "patronus/core/recorded_work.h"

#include <c10/util/Exception.h>

#include <map>
#include <string>

#include "patronus/core/log.h"

#ifdef PATRONUS_CUDA
#include <ATen/core/CachingHostAllocator.h>
#include <ATen/cuda/CUDAGeneratorImpl.h>
#include <ATen/cuda/CUDAGraph.h>
#include <c10/cuda/CUDACachingAllocator.h>
#include <c10/cuda/CUDAFunctions.h>
#include <c10/cuda/CUDAGuard.h>
#endif

namespace patronus {

#ifdef PATRONUS_CUDA

namespace {

/// Of all recordings on a device: LibTorch keeps work space of matrix products for every stream that it saw.
c10::cuda::CUDAStream recording_stream(c10::DeviceIndex device) {
  static std::map<c10::DeviceIndex, c10::cuda::CUDAStream> streams;
  return streams.try_emplace(device, c10::cuda::getStreamFromPool(/*isHighPriority=*/false, device))
      .first->second;
}

/// Whether `act` throws nothing.
template <class Act>
bool succeeds(const Act& act) {
  try {
    act();
    return true;
  } catch (const std::exception&) {
    return false;
  }
}

}  // namespace

struct RecordedWork::Graph {
  at::cuda::CUDAGraph graph;

  Graph(at::Device device, const std::function<void()>& work) {
    const c10::cuda::CUDAGuard on_device(device);
    c10::cuda::device_synchronize();
    c10::cuda::CUDACachingAllocator::emptyCache();  // what the work needed until now, it needs no more
    // The default stream cannot be recorded.
    const c10::cuda::CUDAStreamGuard stream(recording_stream(device.index()));
    const c10::MempoolId_t pool = at::cuda::graph_pool_handle();
    graph.capture_begin(pool, cudaStreamCaptureModeThreadLocal);
    try {
      work();
      graph.capture_end();
    } catch (...) {  // the first error is the one to tell
      end_after_failure(device.index(), pool);
      throw;
    }
  }

 private:
  /// The stream computes again, and the allocators forget the recording. Where it could not be ended, the
  /// default generator is a new one at the same place, as the old one takes itself for recorded.
  void end_after_failure(c10::DeviceIndex device, c10::MempoolId_t pool) {
    succeeds([&] { graph.capture_end(); });
    if (succeeds([&] { graph.pool(); })) return;  // it has ended, and gives its memory back itself
    auto* host = at::getHostAllocator(at::kCUDA);
    succeeds([&] { c10::cuda::CUDACachingAllocator::endAllocateToPool(device, pool); });
    succeeds([&] { host->end_allocate_to_pool(pool); });
    succeeds([&] { c10::cuda::CUDACachingAllocator::releasePool(device, pool); });
    succeeds([&] { host->release_pool(pool); });
    const auto generator = at::cuda::detail::getDefaultCUDAGenerator(device);
    auto fresh = at::cuda::detail::createCUDAGenerator(device);
    fresh.set_current_seed(generator.current_seed());
    fresh.set_offset(generator.get_offset());
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
