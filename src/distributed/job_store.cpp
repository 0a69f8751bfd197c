#include "distributed/job_store.h"

#include <thread>

#include "distributed/heartbeat.h"
#include "patronus/core/text.h"
#include "patronus/distributed/process_group.h"

namespace patronus {
namespace {

using std::chrono::milliseconds;

constexpr const char* kFailure = "failure";
constexpr milliseconds kLook{20};
/// How long rank 0, if it serves the store, waits for other ranks still asking why the job ended.
constexpr std::chrono::seconds kStay{5};

}  // namespace

JobStore::JobStore(const Launch& launch, c10::intrusive_ptr<c10d::Store> store, std::chrono::seconds timeout)
    : launch_(launch), store_(std::move(store)), timeout_(timeout) {
  for (int64_t i = 0; i < launch.size; ++i) names_.push_back("rank " + std::to_string(i));
}

void JobStore::set_processes(const std::vector<std::string>& processes) {
  for (size_t i = 0; i < processes.size(); ++i) names_[i] += " (" + processes[i] + ")";
}

std::string JobStore::key(const std::string& topic, int64_t rank) const {
  return topic + "/" + std::to_string(rank);
}

std::vector<std::string> JobStore::all_gather_texts(const std::string& topic, const std::string& text) const {
  const int64_t time = store_->add(key("times " + topic, launch_.rank), 1);
  const std::string question = topic + " " + std::to_string(time);
  store_->set(key(question, launch_.rank), text);
  std::vector<std::string> texts;
  const auto end = Clock::now() + timeout_;
  for (int64_t i = 0; i < launch_.size; ++i) {
    wait_for(question, i, end);
    texts.push_back(store_->get_to_str(key(question, i)));
  }
  return texts;
}

void JobStore::wait_for(const std::string& topic, int64_t rank, Clock::time_point end) const {
  while (!store_->check({key(topic, rank)})) {
    if (const auto words = failure_message(); !words.empty()) throw LostRankError(words);
    if (Clock::now() > end) {
      throw LostRankError(names(without(topic)) + ": did not come within " +
                          std::to_string(timeout_.count()) + " s (runtime.rank_timeout_s)");
    }
    std::this_thread::sleep_for(kLook);
  }
}

std::string JobStore::failure_message() const {
  if (!store_->check({kFailure})) return "";
  const std::string failure = store_->get_to_str(kFailure);
  const size_t space = failure.find(' ');
  return name(std::stoll(failure.substr(0, space))) + " ended: " + failure.substr(space + 1);
}

bool JobStore::publish_failure(const std::string& message) const {
  const std::string own = std::to_string(launch_.rank) + " " + message;
  const std::string first = store_->compareSet(kFailure, "", own);
  store_->set(key("left", launch_.rank), "");
  wait_for_readers();
  return first == own || first.substr(first.find(' ') + 1) != message;
}

void JobStore::wait_for_readers() const {
  store_->set(key("answered", launch_.rank), "");
  const bool serves = launch_.rank == 0 && !launch_.launcher_serves_store;
  for (const auto end = Clock::now() + kStay; serves && Clock::now() < end;) {
    if (without("answered").empty()) return;
    std::this_thread::sleep_for(kLook);
  }
}

std::string JobStore::diagnose_lost_rank(const std::string& cause) const {
  store_->set(key("left", launch_.rank), "");
  const std::string reason = who_is_missing(cause);
  wait_for_readers();
  return reason;
}

std::string JobStore::who_is_missing(const std::string& cause) const {
  if (const auto words = failure_message(); !words.empty()) return words;
  const auto silent = stopped();
  if (const auto words = failure_message(); !words.empty()) return words;
  if (!silent.empty()) return names(silent) + ": killed, stopped or cut off from the others";
  const auto busy = without("left");
  if (!busy.empty()) {
    return names(busy) + ": has not answered for " + std::to_string(timeout_.count()) +
           " s (runtime.rank_timeout_s)";
  }
  return "the ranks lost their connections: " + first_line(cause);
}

std::vector<int64_t> JobStore::without(const std::string& topic) const {
  std::vector<int64_t> ranks;
  for (int64_t i = 0; i < launch_.size; ++i) {
    if (!store_->check({key(topic, i)})) ranks.push_back(i);
  }
  return ranks;
}

std::vector<int64_t> JobStore::stopped() const {
  const auto beats = [this] {
    std::vector<std::string> values;
    for (int64_t i = 0; i < launch_.size; ++i) values.push_back(store_->get_to_str(key("beat", i)));
    return values;
  };
  const auto before = beats();
  std::this_thread::sleep_for(5 * Heartbeat::kBeat);
  const auto after = beats();
  std::vector<int64_t> ranks;
  for (int64_t i = 0; i < launch_.size; ++i) {
    const auto at = static_cast<size_t>(i);
    if (before[at] == after[at] && !store_->check({key("left", i)})) ranks.push_back(i);
  }
  return ranks;
}

std::string JobStore::names(const std::vector<int64_t>& ranks) const {
  std::vector<std::string> names;
  for (const int64_t rank : ranks) names.push_back(name(rank));
  return join(names);
}

}  // namespace patronus
