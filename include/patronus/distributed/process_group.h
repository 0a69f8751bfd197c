#pragma once
#include <ATen/core/Tensor.h>
#include <c10/core/Device.h>

#include <chrono>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "patronus/core/error.h"
#include "patronus/distributed/launch.h"

namespace patronus {

/// Another rank was killed, hangs, or ended with an error; the message names the rank and its machine.
struct LostRankError : Error {
  using Error::Error;
};

/// Ranks that work together (c10d: Gloo, and NCCL for GPU tensors). All of them must call the same members in
/// the same order. A default-constructed group is this process alone, and its members return at once. Copies
/// refer to the same group. Members that wait throw LostRankError if another rank is gone or does not answer
/// in time.
class ProcessGroup {
 public:
  ProcessGroup() = default;
  /// Waits until all ranks have joined. `device`: device of the tensors to reduce and broadcast. `timeout`:
  /// longest wait for another rank.
  ProcessGroup(const Launch& launch, at::Device device, std::chrono::seconds timeout);

  int64_t rank() const;
  int64_t size() const;
  bool is_first() const { return rank() == 0; }
  /// Whether this is the first rank on its machine.
  bool is_first_on_machine() const;
  /// Name of a rank for messages: "rank 2 (process 4711 on node-b)".
  std::string name(int64_t rank) const;

  /// This rank's device when all use `device`: among GPUs, the one with the rank's index on its machine.
  at::Device local_device(at::Device device) const;

  /// This rank's share [B / size, ...] of `rows` [B, ...], as a view; B must be a multiple of size.
  at::Tensor local_rows(const at::Tensor& rows) const;

  /// Sums a tensor over all ranks in place, with identical bits on every rank.
  void sum(at::Tensor tensor) const;
  /// Averages float32 tensors over all ranks in place, in a single reduction.
  void average(const std::vector<at::Tensor>& tensors) const;
  /// Copies rank 0's tensors to all ranks, in place.
  void broadcast(const std::vector<at::Tensor>& tensors) const;
  /// Largest and smallest of the ranks' values.
  int64_t all_reduce_max(int64_t value) const;
  int64_t all_reduce_min(int64_t value) const { return -all_reduce_max(-value); }
  /// Whether `value` is true on every rank.
  bool all(bool value) const { return all_reduce_min(value ? 1 : 0) == 1; }
  /// The texts that the ranks pass under the same `name`, in rank order.
  std::vector<std::string> all_gather_texts(const std::string& name, const std::string& text) const;

  /// Waits until all ranks have called this, even for hours of work: the wait ends only if a rank is gone, or
  /// after a day.
  void barrier() const;

  /// Waits until this rank's GPU has finished all queued work, including reductions; for these a GPU would
  /// wait for ever if a rank were gone. All ranks must call this. Does nothing on CPUs.
  void wait_for_device() const;

  /// Leaves the group with an error and its message for the other ranks. Returns false if another rank has
  /// already failed with the same message, so that it need not be repeated.
  bool fail(const std::string& message) const;

 private:
  struct Members;
  std::shared_ptr<Members> members_;
};

/// Runs `work` on the first rank of each machine, then on the others, which find the files that it has
/// written.
template <class Work>
void first_on_each_machine(const ProcessGroup& group, const Work& work) {
  if (group.is_first_on_machine()) work();
  group.barrier();
  if (!group.is_first_on_machine()) work();
}

}  // namespace patronus
