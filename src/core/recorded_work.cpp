#include "patronus/core/recorded_work.h"

#include <c10/util/Exception.h>

#include <string>

#include "core/cuda.h"
#include "patronus/core/gpu_function.h"
#include "patronus/core/log.h"
#include "patronus/core/text.h"

namespace patronus {
namespace {

bool graphs_are_on = true;

auto* graph_recorder() {
  return gpu_function<decltype(record_cuda_graph)>("record_cuda_graph");
}

}  // namespace

std::optional<RecordedWork> RecordedWork::record(at::Device device, std::function<void()> work) {
  if (!device.is_cuda()) return RecordedWork(std::move(work));
  auto* const record_graph = graph_recorder();
  TORCH_CHECK(record_graph != nullptr,
              "CUDA graphs need libpatronus_gpu.so, which was not built or is not there");
  try {
    return RecordedWork(record_graph(device.index(), work));
  } catch (const std::exception& e) {  // from LibTorch or our kernels
    const auto* error = dynamic_cast<const c10::Error*>(&e);
    log_warning("no CUDA graph, every operation is launched on its own: " +
                first_line(error != nullptr ? error->what_without_backtrace() : e.what()));
    return std::nullopt;
  }
}

void RecordedWork::replay() const {
  graph_ ? graph_->replay() : work_();
}

bool uses_cuda_graphs(at::Device device) {
  return device.is_cuda() && graphs_are_on && graph_recorder() != nullptr;
}

void set_cuda_graphs(bool on) {
  graphs_are_on = on;
}

}  // namespace patronus
