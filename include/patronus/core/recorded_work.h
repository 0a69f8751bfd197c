#pragma once
#include <c10/core/Device.h>

#include <functional>
#include <memory>
#include <optional>

namespace patronus {

class CudaGraph;

/// Work that is done again and again on tensors that stay where they are: it reads its inputs from them, and
/// leaves its results in those that it made while it was recorded. On a GPU its launches become one CUDA
/// graph, which costs the CPU one launch. On the CPU it is simply done again.
class RecordedWork {
 public:
  /// Records `work`, which must have been done some times before, so that nothing is set up any more. On a
  /// GPU nothing is computed yet, and `work` must not wait for the device; it is forgotten afterwards.
  /// Null, after a warning with the reason, where recording fails.
  static std::optional<RecordedWork> record(at::Device device, std::function<void()> work);

  /// Does it; on a GPU without waiting for the end.
  void replay() const;

 private:
  explicit RecordedWork(std::function<void()> work) : work_(std::move(work)) {}
  explicit RecordedWork(std::shared_ptr<CudaGraph> graph) : graph_(std::move(graph)) {}

  std::function<void()> work_;  // on the CPU
  std::shared_ptr<CudaGraph> graph_;
};

/// Whether work on `device` is worth recording: it is a GPU, this program was built with CUDA's headers, and
/// graphs were not turned off.
bool makes_graphs(at::Device device);

/// Turns CUDA graphs on or off for what is recorded from here on; they are on.
void set_graphs(bool on);

}  // namespace patronus
