#pragma once
#include <ATen/core/Tensor.h>

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "patronus/distributed/process_group.h"

namespace patronus {

/// Work on many things of a kind, batch by batch.
struct BatchedWork {
  std::string label;   // as progress shows it: "regenerating"
  std::string unit;    // what is counted: "images"
  int64_t count;       // of them
  int64_t batch_size;  // that are worked on at once
};

/// Gives the results of things first .. first + count - 1: tensors [count, ...] on the CPU, each time equally
/// many, of the same types and shapes but for the count.
using MakeRows = std::function<std::vector<at::Tensor>(int64_t first, int64_t count)>;

/// The results of all things, [work.count, ...] each, contiguous. Every batch is made by one rank, and all
/// ranks get all rows in order: the same batches and the same bits as in one process. What `make` itself
/// would share is not shared again: the rank that has the batch does all of it. Beside the results one batch
/// is held at a time. `work.count` is at least 1. Waits for other ranks as `ProcessGroup::barrier` does.
std::vector<at::Tensor> share_rows(const ProcessGroup& ranks, const BatchedWork& work, const MakeRows& make);

}  // namespace patronus
