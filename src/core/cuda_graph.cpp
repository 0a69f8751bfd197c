#include <ATen/core/CachingHostAllocator.h>
#include <ATen/cuda/CUDAGeneratorImpl.h>
#include <ATen/cuda/CUDAGraph.h>
#include <c10/cuda/CUDACachingAllocator.h>
#include <c10/cuda/CUDAFunctions.h>
#include <c10/cuda/CUDAGuard.h>

#include <map>

#include "core/cuda.h"

namespace patronus {
namespace {

/// Of all recordings on a device: LibTorch keeps work space of matrix products for every stream that it saw.
c10::cuda::CUDAStream recording_stream(c10::DeviceIndex gpu) {
  static std::map<c10::DeviceIndex, c10::cuda::CUDAStream> streams;
  return streams.try_emplace(gpu, c10::cuda::getStreamFromPool(/*isHighPriority=*/false, gpu)).first->second;
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

struct Graph : at::cuda::CUDAGraph {
  /// Of a recording that could not be ended: its generators draw numbers again. Other graphs, which hold them
  /// too, go on.
  void forget_recording() {
    for (const auto& generator : captured_generator_states_) generator.first->capturing_ = false;
  }
};

class RecordedCudaGraph : public CudaGraph {
 public:
  RecordedCudaGraph(c10::DeviceIndex gpu, const std::function<void()>& work) {
    const c10::cuda::CUDAGuard on_device(gpu);
    c10::cuda::device_synchronize();
    c10::cuda::CUDACachingAllocator::emptyCache();  // what the work needed until now, it needs no more
    // The default stream cannot be recorded.
    const c10::cuda::CUDAStreamGuard stream(recording_stream(gpu));
    const c10::MempoolId_t pool = at::cuda::graph_pool_handle();
    try {
      graph_.capture_begin(pool, cudaStreamCaptureModeThreadLocal);
      work();
      graph_.capture_end();
    } catch (...) {  // the first error is the one to tell
      end_after_failure(gpu, pool);
      throw;
    }
  }

  void replay() override { graph_.replay(); }

 private:
  /// The stream computes again, and allocators and generators forget the recording.
  void end_after_failure(c10::DeviceIndex gpu, c10::MempoolId_t pool) {
    succeeds([&] { graph_.capture_end(); });
    if (succeeds([&] { graph_.pool(); })) return;  // it has ended, and gives its memory back itself
    auto* host = at::getHostAllocator(at::kCUDA);
    succeeds([&] { c10::cuda::CUDACachingAllocator::endAllocateToPool(gpu, pool); });
    succeeds([&] { host->end_allocate_to_pool(pool); });
    succeeds([&] { c10::cuda::CUDACachingAllocator::releasePool(gpu, pool); });
    succeeds([&] { host->release_pool(pool); });
    graph_.forget_recording();
  }

  Graph graph_;
};

}  // namespace

std::shared_ptr<CudaGraph> record_cuda_graph(c10::DeviceIndex gpu, const std::function<void()>& work) {
  return std::make_shared<RecordedCudaGraph>(gpu, work);
}

}  // namespace patronus
