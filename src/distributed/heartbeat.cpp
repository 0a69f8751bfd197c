#include "distributed/heartbeat.h"

namespace patronus {

Heartbeat::Heartbeat(c10::intrusive_ptr<c10d::Store> store, const std::string& key) {
  store->set(key, "0");
  thread_ = std::thread([this, store = std::move(store), key] {
    std::unique_lock lock(mutex_);
    try {
      for (int64_t beat = 1; !stop_.wait_for(lock, kBeat, [this] { return stopping_; }); ++beat) {
        lock.unlock();
        store->set(key, std::to_string(beat));
        lock.lock();
      }
    } catch (const std::exception&) {
      // The store is gone, and with it the job; ranks that wait for others notice that themselves.
    }
  });
}

Heartbeat::~Heartbeat() {
  {
    const std::lock_guard lock(mutex_);
    stopping_ = true;
  }
  stop_.notify_all();
  thread_.join();
}

}  // namespace patronus
