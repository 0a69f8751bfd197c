#pragma once
#include <sys/types.h>

#include <chrono>
#include <filesystem>
#include <functional>
#include <string>
#include <vector>

#include "support/run_program.h"

namespace patronus::test {

/// Processes that run as ranks of one job on this machine, one thread each, with torchrun's environment
/// variables. The destructor kills those still running.
class Ranks {
 public:
  /// Starts `work(rank)` in `count` forks of this process, in `folder` (start_in_fork).
  Ranks(size_t count, const std::function<int(size_t)>& work, const std::filesystem::path& folder);
  ~Ranks();
  Ranks(const Ranks&) = delete;
  Ranks& operator=(const Ranks&) = delete;

  void send(size_t rank, int signal) const;
  /// Waits for a rank until `end`; kills it then, with status 137.
  Outcome wait(size_t rank, std::chrono::steady_clock::time_point end);
  /// Waits for all ranks likewise.
  std::vector<Outcome> wait(std::chrono::seconds limit = std::chrono::seconds(120));

 private:
  struct Rank {
    pid_t process;
    bool ended;
    int status;
  };
  std::string streams(size_t rank, const char* name) const;

  TemporaryFolder streams_;
  std::vector<Rank> ranks_;
};

}  // namespace patronus::test
