#include "distributed/peers.h"

#include <thread>
#include <torch/csrc/distributed/c10d/PrefixStore.hpp>
#include <torch/csrc/distributed/c10d/TCPStore.hpp>

#include "patronus/core/process.h"
#include "patronus/distributed/process_group.h"

namespace patronus {
namespace {

using std::chrono::milliseconds;
using Clock = std::chrono::steady_clock;

constexpr const char* kFailure = "failure";
/// How long rank 0, which serves the store, stays for those who still ask why the job ended.
constexpr std::chrono::seconds kStay{5};

std::string first_line_of(const std::string& text) {
  return text.substr(0, text.find('\n'));
}

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

}  // namespace

Peers::Peers(const Launch& launch, std::chrono::seconds timeout) : launch_(launch), timeout_(timeout) {
  const auto connection = connect(launch, timeout);
  const std::string prefix = "patronus/" + launch.attempt;
  store_ = c10::make_intrusive<c10d::PrefixStore>(prefix, connection);
  heartbeat_ = std::make_unique<Heartbeat>(
      c10::make_intrusive<c10d::PrefixStore>(prefix, connection->clone()), key("beat", rank()));
  for (int64_t i = 0; i < size(); ++i) names_.push_back("rank " + std::to_string(i));
  const auto processes = texts_of_all("process", this_process());
  for (size_t i = 0; i < processes.size(); ++i) names_[i] += " (" + processes[i] + ")";
}

Peers::~Peers() = default;

std::string Peers::key(const std::string& topic, int64_t rank) const {
  return topic + "/" + std::to_string(rank);
}

std::vector<std::string> Peers::texts_of_all(const std::string& topic, const std::string& text) {
  try {
    store_->set(key(topic, rank()), text);
    std::vector<std::string> texts;
    for (int64_t i = 0; i < size(); ++i) {
      wait_for(topic, i);
      texts.push_back(store_->get_to_str(key(topic, i)));
    }
    return texts;
  } catch (const LostRankError&) {
    throw;
  } catch (const std::exception& e) {
    throw LostRankError(why_lost(e.what()));
  }
}

void Peers::wait_for(const std::string& topic, int64_t rank) {
  const auto end = Clock::now() + timeout_;
  while (!store_->check({key(topic, rank)})) {
    if (const auto words = last_words(); !words.empty()) throw LostRankError(words);
    if (Clock::now() > end) {
      throw LostRankError(names(without(topic)) + ": did not come within " +
                          std::to_string(timeout_.count()) + " s (runtime.rank_timeout_s)");
    }
    std::this_thread::sleep_for(milliseconds(20));
  }
}

std::string Peers::last_words() const {
  if (!store_->check({kFailure})) return "";
  const std::string failure = store_->get_to_str(kFailure);
  const size_t space = failure.find(' ');
  return name(std::stoll(failure.substr(0, space))) + " ended: " + failure.substr(space + 1);
}

bool Peers::leave(const std::string& message) {
  try {
    const std::string own = std::to_string(rank()) + " " + message;
    const std::string first = store_->compareSet(kFailure, "", own);
    store_->set(key("left", rank()), "");
    stay_for_others();
    return first == own || first.substr(first.find(' ') + 1) != message;
  } catch (const std::exception&) {
    return true;  // nobody is there to be told
  }
}

void Peers::stay_for_others() {
  store_->set(key("answered", rank()), "");
  const bool serves = rank() == 0 && !launch_.launcher_serves_store;
  for (const auto end = Clock::now() + kStay; serves && Clock::now() < end;) {
    if (without("answered").empty()) return;
    std::this_thread::sleep_for(milliseconds(20));
  }
}

std::string Peers::why_lost(const std::string& cause) {
  try {
    store_->set(key("left", rank()), "");
    const std::string reason = why_lost_by_store(cause);
    stay_for_others();
    return reason;
  } catch (const std::exception&) {
    return (launch_.launcher_serves_store ? "the launcher" : name(0)) + " is gone";
  }
}

std::string Peers::why_lost_by_store(const std::string& cause) {
  if (const auto words = last_words(); !words.empty()) return words;
  const auto silent = stopped();
  if (const auto words = last_words(); !words.empty()) return words;
  if (!silent.empty()) return names(silent) + ": killed, stopped or cut off from the others";
  const auto busy = without("left");
  if (!busy.empty()) {
    return names(busy) + ": has not answered for " + std::to_string(timeout_.count()) +
           " s (runtime.rank_timeout_s)";
  }
  return "the ranks lost their connections: " + first_line_of(cause);
}

std::vector<int64_t> Peers::without(const std::string& topic) const {
  std::vector<int64_t> ranks;
  for (int64_t i = 0; i < size(); ++i) {
    if (!store_->check({key(topic, i)})) ranks.push_back(i);
  }
  return ranks;
}

std::vector<int64_t> Peers::stopped() const {
  const auto beats = [this] {
    std::vector<std::string> values;
    for (int64_t i = 0; i < size(); ++i) values.push_back(store_->get_to_str(key("beat", i)));
    return values;
  };
  const auto before = beats();
  std::this_thread::sleep_for(5 * Heartbeat::kBeat);
  const auto after = beats();
  std::vector<int64_t> ranks;
  for (int64_t i = 0; i < size(); ++i) {
    const auto at = static_cast<size_t>(i);
    if (before[at] == after[at] && !store_->check({key("left", i)})) ranks.push_back(i);
  }
  return ranks;
}

std::string Peers::names(const std::vector<int64_t>& ranks) const {
  std::vector<std::string> names;
  for (const int64_t rank : ranks) names.push_back(name(rank));
  return join(names);
}

}  // namespace patronus
