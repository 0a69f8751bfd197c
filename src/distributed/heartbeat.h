#pragma once
#include <condition_variable>
#include <mutex>
#include <string>
#include <thread>
#include <torch/csrc/distributed/c10d/Store.hpp>

namespace patronus {

/// A thread that changes the value of `key` in a store every `kBeat`. If the value stops changing, this
/// process is gone or stopped.
class Heartbeat {
 public:
  static constexpr std::chrono::milliseconds kBeat{500};

  /// `store`: a connection for this object alone.
  Heartbeat(c10::intrusive_ptr<c10d::Store> store, const std::string& key);
  ~Heartbeat();
  Heartbeat(const Heartbeat&) = delete;
  Heartbeat& operator=(const Heartbeat&) = delete;

 private:
  std::mutex mutex_;
  std::condition_variable stop_;
  bool stopping_ = false;
  std::thread thread_;
};

}  // namespace patronus
