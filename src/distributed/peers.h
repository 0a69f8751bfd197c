#pragma once
#include <chrono>
#include <memory>
#include <string>
#include <torch/csrc/distributed/c10d/Store.hpp>
#include <vector>

#include "distributed/heartbeat.h"
#include "patronus/distributed/launch.h"

namespace patronus {

/// Who else belongs to a job, by the job's key-value store: names, texts that everybody gives, and, when
/// something went wrong, who is gone and why.
class Peers {
 public:
  /// Joins the job and waits for the others. LostRankError where one does not come within `timeout`, or the
  /// store cannot be reached.
  Peers(const Launch& launch, std::chrono::seconds timeout);
  ~Peers();
  Peers(const Peers&) = delete;
  Peers& operator=(const Peers&) = delete;

  c10::intrusive_ptr<c10d::Store> store() const { return store_; }
  int64_t rank() const { return launch_.rank; }
  int64_t size() const { return launch_.size; }
  const std::string& name(int64_t rank) const { return names_[static_cast<size_t>(rank)]; }

  std::vector<std::string> texts_of_all(const std::string& topic, const std::string& text);

  /// Leaves a word for the others. False when another rank left the same one before.
  bool leave(const std::string& message);

  /// Finds out why work with the others failed, for which LibTorch gives `cause`: one line.
  std::string why_lost(const std::string& cause);

 private:
  std::string key(const std::string& topic, int64_t rank) const;
  void wait_for(const std::string& topic, int64_t rank);
  /// The last words of a rank that failed; empty when none did.
  std::string last_words() const;
  /// Rank 0, which may serve the store, stays a while for those who ask.
  void stay_for_others();
  std::string why_lost_by_store(const std::string& cause);
  std::vector<int64_t> without(const std::string& topic) const;
  std::vector<int64_t> stopped() const;
  std::string names(const std::vector<int64_t>& ranks) const;

  Launch launch_;
  std::chrono::seconds timeout_;
  c10::intrusive_ptr<c10d::Store> store_;
  std::unique_ptr<Heartbeat> heartbeat_;
  std::vector<std::string> names_;
};

}  // namespace patronus
