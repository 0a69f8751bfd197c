#pragma once
#include <chrono>
#include <string>
#include <torch/csrc/distributed/c10d/Store.hpp>
#include <vector>

#include "patronus/distributed/launch.h"

namespace patronus {

/// What the ranks of a job know of each other by its key-value store. Everything here may throw what LibTorch
/// throws when the store is gone, and waits for ever when the process that serves it is stopped (peers.h
/// guards against both). Copies are handles of the same store.
class JobStore {
 public:
  JobStore(const Launch& launch, c10::intrusive_ptr<c10d::Store> store, std::chrono::seconds timeout);

  const std::string& name(int64_t rank) const { return names_[rank]; }
  void set_processes(const std::vector<std::string>& processes);
  c10::intrusive_ptr<c10d::Store> store() const { return store_; }
  std::string key(const std::string& topic, int64_t rank) const;

  /// What every rank gives under this topic. LostRankError where one has failed or gives nothing in time.
  std::vector<std::string> texts_of_all(const std::string& topic, const std::string& text) const;

  /// Leaves a word for the others. False when another rank left the same one before.
  bool leave(const std::string& message) const;

  /// Finds out why work with the others failed, for which LibTorch gives `cause`: one line.
  std::string cause_of_loss(const std::string& cause) const;

 private:
  using Clock = std::chrono::steady_clock;

  void wait_for(const std::string& topic, int64_t rank, Clock::time_point end) const;
  /// What a rank that failed has said; empty when none did.
  std::string failure_message() const;
  std::string who_is_missing(const std::string& cause) const;
  /// Rank 0, which may serve the store, stays a while for those who ask.
  void wait_for_readers() const;
  std::vector<int64_t> without(const std::string& topic) const;
  std::vector<int64_t> stopped() const;
  std::string names(const std::vector<int64_t>& ranks) const;

  Launch launch_;
  c10::intrusive_ptr<c10d::Store> store_;
  std::chrono::seconds timeout_;
  std::vector<std::string> names_;
};

}  // namespace patronus
