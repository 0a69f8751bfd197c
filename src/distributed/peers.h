#pragma once
#include <memory>
#include <string>
#include <vector>

#include "distributed/heartbeat.h"
#include "distributed/job_store.h"

namespace patronus {

/// The other ranks of a job: their names, exchange of texts, and, after a failure, which rank is gone and
/// why. No method blocks forever.
class Peers {
 public:
  /// Joins the job and waits for the other ranks. Throws LostRankError if one does not arrive within
  /// `timeout` or the store cannot be reached.
  Peers(const Launch& launch, std::chrono::seconds timeout);

  c10::intrusive_ptr<c10d::Store> store() const { return job_.store(); }
  int64_t rank() const { return launch_.rank; }
  int64_t size() const { return launch_.size; }
  const std::string& name(int64_t rank) const { return job_.name(rank); }

  /// Gathers `text` of every rank. Throws LostRankError if one does not answer.
  std::vector<std::string> all_gather_texts(const std::string& topic, const std::string& text) const;

  /// Leaves a failure message for the others. Returns false if another rank has already left the same one.
  bool publish_failure(const std::string& message) const;

  /// Diagnoses in one line why a collective operation failed; `cause` is LibTorch's message.
  std::string diagnose_lost_rank(const std::string& cause) const;

 private:
  std::string host_is_gone() const;

  Launch launch_;
  std::chrono::seconds timeout_;
  JobStore job_;
  std::unique_ptr<Heartbeat> heartbeat_;
};

}  // namespace patronus
