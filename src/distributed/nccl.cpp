#ifdef USE_C10D_NCCL
#include "distributed/nccl.h"

#include <c10/util/StringUtil.h>
#include <c10/util/env.h>
#include <nccl.h>
#include <torch/csrc/cuda/nccl.h>
#include <torch/csrc/distributed/c10d/PrefixStore.hpp>
#include <torch/csrc/distributed/c10d/ProcessGroupNCCL.hpp>

#include "patronus/core/error.h"

namespace patronus {
namespace {

/// ProcessGroupNCCL's options embed a struct from NCCL's header, so its version must be LibTorch's.
void require_same_nccl() {
  constexpr uint64_t kMajor = NCCL_MAJOR, kMinor = NCCL_MINOR;
  const uint64_t theirs = torch::cuda::nccl::version();
  if (theirs >> 32 == kMajor && (theirs >> 16 & 0xFFFF) == kMinor) return;
  throw Error(c10::str("NCCL: this program was built with the header of version ", kMajor, ".", kMinor,
                       ", LibTorch has ", theirs >> 32, ".", theirs >> 16 & 0xFFFF,
                       "; build it with the header of that one"));
}

/// LibTorch's NCCL watchdog ends a process a minute after an error or a timeout; by then this rank has said
/// who is missing. It stays enabled as the last resort if all ranks live but their GPUs hang. Its dump signal
/// is ignored: it would persist in the launcher's store and end the next attempt.
void ignore_dump_signals() {
  c10::utils::set_env("TORCH_NCCL_DUMP_ON_TIMEOUT", "0", /*overwrite=*/false);
}

}  // namespace

c10::intrusive_ptr<c10d::Backend> make_nccl(const c10::intrusive_ptr<c10d::Store>& store, int64_t rank,
                                            int64_t size, std::chrono::seconds timeout) {
  require_same_nccl();
  ignore_dump_signals();
  const auto options = c10d::ProcessGroupNCCL::Options::create();
  options->timeout = timeout;
  return c10::make_intrusive<c10d::ProcessGroupNCCL>(c10::make_intrusive<c10d::PrefixStore>("nccl", store),
                                                     static_cast<int>(rank), static_cast<int>(size), options);
}

}  // namespace patronus
#endif
