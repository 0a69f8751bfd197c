#pragma once
#include <ATen/core/Tensor.h>

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "patronus/distributed/process_group.h"

namespace patronus {

/// Work on many items, batch by batch.
struct BatchedWork {
  std::string label;   // shown in progress: "regenerating"
  std::string unit;    // kind of item: "images"
  int64_t count;       // number of items
  int64_t batch_size;  // items processed at once
};

/// Computes the results of items first .. first + count - 1: tensors [count, ...] on the CPU. All calls
/// return the same number of tensors, with the same dtypes and, except for the count, shapes.
using ComputeBatch = std::function<std::vector<at::Tensor>(int64_t first, int64_t count)>;

/// Computes the results of all items, [work.count, ...] each, contiguous; `work.count` is at least 1. Each
/// batch is computed by one rank, and all ranks get all rows in order, with the same batches and bits as in
/// one process. Work that `make` would itself share stays on the rank of the batch. Holds one batch at a time
/// besides the results. Waits for other ranks as `ProcessGroup::barrier` does.
std::vector<at::Tensor> compute_batches_across_ranks(const ProcessGroup& ranks, const BatchedWork& work,
                                                     const ComputeBatch& make);

}  // namespace patronus
