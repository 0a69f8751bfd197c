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

/// One stream for all recordings on a device, since LibTorch keeps a matrix-product workspace per stream.
c10::cuda::CUDAStream recording_stream(c10::DeviceIndex gpu) {
  static std::map<c10::DeviceIndex, c10::cuda::CUDAStream> streams;
  return streams.try_emplace(gpu, c10::cuda::getStreamFromPool(/*isHighPriority=*/false, gpu)).first->second;
}

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
  /// Detaches the generators from a recording that could not be ended, so that they can be used again. Other
  /// graphs that share them still work.
  void forget_recording() {
    for (const auto& generator : captured_generator_states_) generator.first->capturing_ = false;
  }
};

class RecordedCudaGraph : public CudaGraph {
 public:
  RecordedCudaGraph(c10::DeviceIndex gpu, const std::function<void()>& work) {
    const c10::cuda::CUDAGuard on_device(gpu);
    c10::cuda::device_synchronize();
    c10::cuda::CUDACachingAllocator::emptyCache();  // memory that the work used so far, no longer needed
    // The default stream cannot be captured.
    const c10::cuda::CUDAStreamGuard stream(recording_stream(gpu));
    const c10::MempoolId_t pool = at::cuda::graph_pool_handle();
    try {
      graph_.capture_begin(pool, cudaStreamCaptureModeThreadLocal);
      work();
      graph_.capture_end();
    } catch (...) {  // the first error is the one to report
      end_after_failure(gpu, pool);
      throw;
    }
  }

  void replay() override { graph_.replay(); }

 private:
  /// Ends capture on the stream and detaches allocators and generators.
  void end_after_failure(c10::DeviceIndex gpu, c10::MempoolId_t pool) {
    succeeds([&] { graph_.capture_end(); });
    if (succeeds([&] { graph_.pool(); })) return;  // ended normally, and frees its memory itself
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
