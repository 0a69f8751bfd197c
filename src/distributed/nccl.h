#pragma once
#include <chrono>
#include <cstdint>
#include <torch/csrc/distributed/c10d/Backend.hpp>
#include <torch/csrc/distributed/c10d/Store.hpp>

namespace patronus {

/// Creates the NCCL backend, which exchanges tensors between GPUs. Lives in libpatronus_gpu.so
/// (patronus/core/gpu_function.h), and only if NCCL's header was found at build time.
extern "C" c10::intrusive_ptr<c10d::Backend> make_nccl(const c10::intrusive_ptr<c10d::Store>& store,
                                                       int64_t rank, int64_t size,
                                                       std::chrono::seconds timeout);

}  // namespace patronus
