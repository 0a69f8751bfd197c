#include "distributed/peers.h"

#include <future>
#include <optional>
#include <thread>
#include <torch/csrc/distributed/c10d/PrefixStore.hpp>
#include <torch/csrc/distributed/c10d/TCPStore.hpp>

#include "patronus/core/process.h"
#include "patronus/distributed/process_group.h"

namespace patronus {
namespace {

/// Longer than a rank needs to find out which one is gone.
constexpr std::chrono::seconds kPatience{15};

c10::intrusive_ptr<c10d::Store> connect(const Launch& launch, std::chrono::seconds timeout) {
  c10d::TCPStoreOptions options;
  options.port = static_cast<std::uint16_t>(launch.port);
  options.isServer = launch.rank == 0 && !launch.launcher_serves_store;
  options.waitWorkers = false;
  options.timeout = timeout;
  try {
    return c10::make_intrusive<c10d::TCPStore>(launch.address, options);
  } catch (const std::exception&) {
    const std::string place = launch.address + ":" + std::to_string(launch.port);
    throw LostRankError(options.isServer
                            ? "rank 0 cannot listen on " + place +
                                  ": another program may use the port; name another with MASTER_PORT"
                            : "rank " + std::to_string(launch.rank) + " (" + this_process() +
                                  ") cannot reach rank 0 at " + place +
                                  "; MASTER_ADDR and MASTER_PORT say where it is");
  }
}

c10::intrusive_ptr<c10d::Store> store_of_attempt(const Launch& launch,
                                                 const c10::intrusive_ptr<c10d::Store>& store) {
  return c10::make_intrusive<c10d::PrefixStore>("patronus/" + launch.attempt, store);
}

/// Result of `act`, or nothing if it takes longer than `limit`. It then continues in a detached thread, as
/// LibTorch's store blocks forever if the process serving it is stopped.
template <class Act>
auto within(std::chrono::seconds limit, Act act) -> std::optional<decltype(act())> {
  const auto promise = std::make_shared<std::promise<decltype(act())>>();
  auto result = promise->get_future();
  std::thread([promise, act = std::move(act)] {
    try {
      promise->set_value(act());
    } catch (...) {
      promise->set_exception(std::current_exception());
    }
  }).detach();
  if (result.wait_for(limit) != std::future_status::ready) return std::nullopt;
  return result.get();
}

}  // namespace

Peers::Peers(const Launch& launch, std::chrono::seconds timeout)
    : launch_(launch),
      timeout_(timeout),
      job_(launch, store_of_attempt(launch, connect(launch, timeout)), timeout),
      heartbeat_(std::make_unique<Heartbeat>(job_.store()->clone(), job_.key("beat", launch.rank))) {
  job_.set_processes(all_gather_texts("process", this_process()));
}

std::vector<std::string> Peers::all_gather_texts(const std::string& topic, const std::string& text) const {
  try {
    const auto ask = [job = job_, topic, text] { return job.all_gather_texts(topic, text); };
    if (const auto texts = within(timeout_ + kPatience, ask)) return *texts;
  } catch (const LostRankError&) {
    throw;
  } catch (const std::exception&) {
  }
  throw LostRankError(host_is_gone());
}

bool Peers::publish_failure(const std::string& message) const {
  try {
    return within(kPatience, [job = job_, message] { return job.publish_failure(message); }).value_or(true);
  } catch (const std::exception&) {
    return true;  // no rank left to tell
  }
}

std::string Peers::diagnose_lost_rank(const std::string& cause) const {
  try {
    const auto reason = within(kPatience, [job = job_, cause] { return job.diagnose_lost_rank(cause); });
    if (reason) return *reason;
  } catch (const std::exception&) {
  }
  return host_is_gone();
}

std::string Peers::host_is_gone() const {
  return (launch_.launcher_serves_store ? "the launcher" : name(0)) +
         ": killed, stopped or cut off from the others";
}

}  // namespace patronus
