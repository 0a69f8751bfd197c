#pragma once
#include <cstdint>
#include <functional>
#include <optional>
#include <string>

namespace patronus {

/// The place of this process in a job of several that a launcher started: a rank.
struct Launch {
  int64_t rank;                        // 0 .. size - 1
  int64_t size;                        // ranks of the job, at least 2
  std::optional<int64_t> local_rank;   // number on its machine, from 0, where the launcher says it
  std::string address;                 // of the machine where rank 0 runs
  int64_t port;                        // where the job's key-value store listens
  bool launcher_serves_store = false;  // as torchrun does; otherwise rank 0 serves it
  std::string attempt = "0";           // torchrun's count of restarts
};

/// Gives the value of an environment variable, or nullptr; std::getenv is one.
using Environment = std::function<const char*(const char*)>;

/// What torchrun (RANK, WORLD_SIZE, ...), Open MPI's mpirun, MPICH's mpiexec or Slurm's srun say in the
/// environment. Nothing without a launcher, and for a job of one process. MASTER_ADDR and MASTER_PORT, where
/// they are set, say where rank 0 serves the job's store; otherwise the first machine of Slurm's step, or
/// this one where all ranks run on it, and a port that follows from the job's name. ConfigError naming the
/// variable that is not a number, or that is missing.
std::optional<Launch> find_launch(const Environment& variable);

/// The first machine of a list as Slurm writes it: "gpu[03-05,9],login" begins with "gpu03".
std::string first_host(const std::string& slurm_list);

}  // namespace patronus
