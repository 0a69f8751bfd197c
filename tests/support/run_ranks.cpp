#include "support/run_ranks.h"

#include <arpa/inet.h>
#include <signal.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cstdlib>
#include <map>
#include <thread>

namespace patronus::test {
namespace {

/// A port that nobody listens on now.
int free_port() {
  const int socket = ::socket(AF_INET, SOCK_STREAM, 0);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  socklen_t size = sizeof address;
  ::bind(socket, reinterpret_cast<sockaddr*>(&address), size);
  getsockname(socket, reinterpret_cast<sockaddr*>(&address), &size);
  ::close(socket);
  return ntohs(address.sin_port);
}

void set_environment(size_t rank, size_t size, int port) {
  const std::map<std::string, std::string> variables{
      {"RANK", std::to_string(rank)},       {"WORLD_SIZE", std::to_string(size)},
      {"LOCAL_RANK", std::to_string(rank)}, {"LOCAL_WORLD_SIZE", std::to_string(size)},
      {"MASTER_ADDR", "127.0.0.1"},         {"MASTER_PORT", std::to_string(port)}};
  for (const auto& [name, value] : variables) setenv(name.c_str(), value.c_str(), 1);
}

}  // namespace

Ranks::Ranks(size_t count, const std::function<int(size_t)>& work, const std::filesystem::path& folder) {
  const int port = free_port();
  for (size_t rank = 0; rank < count; ++rank) {
    const auto work_of_rank = [&] {
      set_environment(rank, count, port);
      return work(rank);
    };
    const pid_t child = start_in_fork(work_of_rank, folder, streams(rank, "out"), streams(rank, "err"));
    ranks_.push_back({child, false, 128 + SIGKILL});
  }
}

Ranks::~Ranks() {
  wait(std::chrono::seconds(0));
}

std::string Ranks::streams(size_t rank, const char* name) const {
  return (streams_ / (name + std::to_string(rank))).string();
}

void Ranks::send(size_t rank, int signal) const {
  kill(ranks_[rank].process, signal);
}

Outcome Ranks::wait(size_t number, std::chrono::steady_clock::time_point end) {
  Rank& rank = ranks_[number];
  int status = 0;
  while (!rank.ended) {
    const bool kills = std::chrono::steady_clock::now() >= end;
    if (kills) kill(rank.process, SIGKILL);
    rank.ended = waitpid(rank.process, &status, kills ? 0 : WNOHANG) == rank.process;
    if (rank.ended) rank.status = exit_status(status);
    if (!rank.ended) std::this_thread::sleep_for(std::chrono::milliseconds(10));
  }
  return {rank.status, file_text(streams(number, "out")), file_text(streams(number, "err"))};
}

std::vector<Outcome> Ranks::wait(std::chrono::seconds limit) {
  const auto end = std::chrono::steady_clock::now() + limit;
  std::vector<Outcome> outcomes;
  for (size_t i = 0; i < ranks_.size(); ++i) outcomes.push_back(wait(i, end));
  return outcomes;
}

}  // namespace patronus::test
