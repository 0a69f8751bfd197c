#pragma once
#include <sys/types.h>

#include <chrono>
#include <map>
#include <string>
#include <vector>

#include "support/run_program.h"

namespace patronus::test {

/// Processes that run as the ranks of one job on this machine, each on one thread, with torchrun's
/// environment variables. Those that still run when this object goes are killed.
class Ranks {
 public:
  /// `arguments`: of each rank.
  Ranks(const std::string& program, const std::vector<std::vector<std::string>>& arguments,
        const std::filesystem::path& folder);
  ~Ranks();
  Ranks(const Ranks&) = delete;
  Ranks& operator=(const Ranks&) = delete;

  void send(size_t rank, int signal) const;
  /// Waits for one of them, but no longer than until `end`: if it has not ended then it is killed and has
  /// status 137.
  Outcome wait(size_t rank, std::chrono::steady_clock::time_point end);
  /// Waits so for all of them.
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

/// The program with the same arguments as `count` ranks.
std::vector<Outcome> run_patronus_ranks(size_t count, const std::vector<std::string>& arguments,
                                        const std::filesystem::path& folder);

}  // namespace patronus::test
