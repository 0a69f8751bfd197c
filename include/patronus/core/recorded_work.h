#pragma once
#include <c10/core/Device.h>

#include <functional>
#include <memory>
#include <optional>

namespace patronus {

class CudaGraph;

/// Repeated work on tensors at fixed addresses: it reads its inputs from existing tensors and leaves its
/// results in those that it allocated when recorded. On a GPU its kernels become one CUDA graph with a single
/// launch; on the CPU it is simply run again.
class RecordedWork {
 public:
  /// Records `work`, which must have run a few times before so that all setup is done. On a GPU recording
  /// computes nothing, `work` must not synchronise with the device, and it is released afterwards. Returns
  /// nothing, with a warning, if recording fails.
  static std::optional<RecordedWork> record(at::Device device, std::function<void()> work);

  /// Runs the recorded work; asynchronously on a GPU.
  void replay() const;

 private:
  explicit RecordedWork(std::function<void()> work) : work_(std::move(work)) {}
  explicit RecordedWork(std::shared_ptr<CudaGraph> graph) : graph_(std::move(graph)) {}

  std::function<void()> work_;  // on the CPU
  std::shared_ptr<CudaGraph> graph_;
};

/// Whether to record work on `device`: it is a GPU, the build has CUDA's headers, and graphs are enabled.
bool uses_cuda_graphs(at::Device device);

/// Enables or disables CUDA graphs for later recordings; enabled by default.
void set_cuda_graphs(bool on);

}  // namespace patronus
