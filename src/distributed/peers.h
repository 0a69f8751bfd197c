#pragma once
#include <memory>
#include <string>
#include <vector>

#include "distributed/heartbeat.h"
#include "distributed/job_store.h"

namespace patronus {

/// Who else belongs to a job: names, texts that everybody gives, and, when something went wrong, who is gone
/// and why. Nothing here waits for ever.
class Peers {
 public:
  /// Joins the job and waits for the others. LostRankError where one does not come within `timeout`, or the
  /// store cannot be reached.
  Peers(const Launch& launch, std::chrono::seconds timeout);

  c10::intrusive_ptr<c10d::Store> store() const { return job_.store(); }
  int64_t rank() const { return launch_.rank; }
  int64_t size() const { return launch_.size; }
  const std::string& name(int64_t rank) const { return job_.name(rank); }

  /// What every rank gives under this topic. LostRankError where one gives nothing.
  std::vector<std::string> texts_of_all(const std::string& topic, const std::string& text) const;

  /// Leaves a word for the others. False when another rank left the same one before.
  bool leave(const std::string& message) const;

  /// Why work with the others failed, for which LibTorch gives `cause`: one line.
  std::string cause_of_loss(const std::string& cause) const;

 private:
  std::string host_is_gone() const;

  Launch launch_;
  std::chrono::seconds timeout_;
  JobStore job_;
  std::unique_ptr<Heartbeat> heartbeat_;
};

}  // namespace patronus
