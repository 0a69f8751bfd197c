#pragma once
#include <chrono>
#include <string>
#include <torch/csrc/distributed/c10d/Store.hpp>
#include <vector>

#include "patronus/distributed/launch.h"

namespace patronus {

/// State that the ranks of a job share through its key-value store. All methods may throw LibTorch's
/// exceptions if the store is gone, and block forever if the process serving it is stopped; Peers guards
/// against both. Copies share the store.
class JobStore {
 public:
  JobStore(const Launch& launch, c10::intrusive_ptr<c10d::Store> store, std::chrono::seconds timeout);

  const std::string& name(int64_t rank) const { return names_[rank]; }
  void set_processes(const std::vector<std::string>& processes);
  c10::intrusive_ptr<c10d::Store> store() const { return store_; }
  std::string key(const std::string& topic, int64_t rank) const;

  /// Gathers `text` of every rank. Throws LostRankError if a rank has failed or does not answer in time.
  std::vector<std::string> all_gather_texts(const std::string& topic, const std::string& text) const;

  /// Leaves a failure message for the others. Returns false if another rank has already left the same one.
  bool publish_failure(const std::string& message) const;

  /// Diagnoses in one line why a collective operation failed; `cause` is LibTorch's message.
  std::string diagnose_lost_rank(const std::string& cause) const;

 private:
  using Clock = std::chrono::steady_clock;

  void wait_for(const std::string& topic, int64_t rank, Clock::time_point end) const;
  /// Name and message of the first rank that failed; empty if none did.
  std::string failure_message() const;
  std::string who_is_missing(const std::string& cause) const;
  /// Keeps rank 0 alive for a while, if it serves the store, for other ranks that still read it.
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
