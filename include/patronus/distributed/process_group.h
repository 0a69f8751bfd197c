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

/// Another rank was killed, hangs, or has ended with an error; the message names it and its machine.
struct LostRankError : Error {
  using Error::Error;
};

/// The ranks that work on one thing together (c10d: Gloo, and NCCL for tensors on GPUs). All of them must
/// call the same members in the same order. Default-constructed, it is this process alone, and everything
/// returns at once. Copies are handles of the same group. Members that wait for others throw LostRankError
/// when one of these is gone or does not answer in time.
class ProcessGroup {
 public:
  ProcessGroup() = default;
  /// Waits until all ranks are there. `device`: where the tensors to be reduced and broadcast lie.
  /// `timeout`: how long another rank may keep this one waiting.
  ProcessGroup(const Launch& launch, at::Device device, std::chrono::seconds timeout);

  int64_t rank() const;
  int64_t size() const;
  bool is_first() const { return rank() == 0; }
  /// Whether it is the first rank on its machine.
  bool is_first_on_machine() const;
  /// "rank 2 (process 4711 on node-b)".
  std::string name(int64_t rank) const;

  /// The device that this rank works on, where `device` is chosen for all: of GPUs the one with its number on
  /// the machine.
  at::Device own_device(at::Device device) const;

  /// This rank's share [B / size, ...] of `rows` [B, ...], a view; B must be a multiple of size.
  at::Tensor own_rows(const at::Tensor& rows) const;

  /// Sums over all ranks, in place; every rank gets the same bits.
  void sum(at::Tensor tensor) const;
  /// Means over all ranks of float32 tensors, in place, in a single reduction.
  void average(const std::vector<at::Tensor>& tensors) const;
  /// Copies rank 0's values to all ranks, in place.
  void broadcast(const std::vector<at::Tensor>& tensors) const;
  /// The largest and the smallest of the values that the ranks give.
  int64_t largest(int64_t value) const;
  int64_t smallest(int64_t value) const { return -largest(-value); }
  /// Whether it is so on every rank.
  bool all(bool value) const { return smallest(value ? 1 : 0) == 1; }
  /// What every rank gives under this name, in the order of ranks.
  std::vector<std::string> texts_of_all(const std::string& name, const std::string& text) const;

  /// Waits until all ranks have come here. They may have work for hours: only a rank that is gone ends the
  /// waiting, or a day that has passed.
  void barrier() const;

  /// Waits until this rank's GPU has done what is queued, sums of all ranks among it: for one that is gone
  /// the GPU would wait for ever. All ranks come here; on CPUs nothing is queued.
  void wait_for_device() const;

  /// Leaves the group with an error, so that the others can say why. False when another rank has failed
  /// before with the same words: nothing is left to be said.
  bool fail(const std::string& message) const;

 private:
  struct Members;
  std::shared_ptr<Members> members_;
};

/// Does `work` on the first rank of each machine, then on the others: what the first one leaves on the disk
/// is there for them.
template <class Work>
void first_on_each_machine(const ProcessGroup& group, const Work& work) {
  if (group.is_first_on_machine()) work();
  group.barrier();
  if (!group.is_first_on_machine()) work();
}

}  // namespace patronus
