#pragma once
#include <cstdint>
#include <functional>
#include <optional>
#include <string>

namespace patronus {

/// Place (rank) of this process in a job of several processes started by a launcher.
struct Launch {
  int64_t rank;                        // 0 .. size - 1
  int64_t size;                        // number of ranks, at least 2
  std::optional<int64_t> local_rank;   // index on its machine, from 0, if the launcher provides it
  std::string address;                 // machine of rank 0
  int64_t port;                        // port of the job's key-value store
  bool launcher_serves_store = false;  // true for torchrun; otherwise rank 0 serves the store
  std::string attempt = "0";           // torchrun's count of restarts
};

/// Returns the value of an environment variable or nullptr, like std::getenv.
using Environment = std::function<const char*(const char*)>;

/// Detects the job from the environment variables of torchrun (RANK, WORLD_SIZE, ...), Open MPI's mpirun,
/// MPICH's mpiexec or Slurm's srun. Returns nothing without a launcher or for a single process. MASTER_ADDR
/// and MASTER_PORT, if set, say where rank 0 serves the job's store; the defaults are the first machine of
/// Slurm's step, or this one if it has all ranks, and a port derived from the job's name. Throws ConfigError
/// naming a variable that is not a number, or that is missing.
std::optional<Launch> find_launch(const Environment& variable);

/// First machine of a Slurm node list: "gpu03" for "gpu[03-05,9],login".
std::string first_host(const std::string& slurm_list);

}  // namespace patronus
