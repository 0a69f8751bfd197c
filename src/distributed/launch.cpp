#include "patronus/distributed/launch.h"

#include "patronus/core/error.h"
#include "patronus/core/parse_number.h"
#include "patronus/core/random.h"

namespace patronus {
namespace {

/// Environment variables in which a launcher gives a process its rank; "" for those it lacks. `job`
/// distinguishes jobs on the same machine.
struct Launcher {
  const char* name;
  const char* rank;
  const char* size;
  const char* local_rank;
  const char* local_size;
  const char* job[2];
};

// Innermost launcher first: srun may start torchrun, and mpirun may run inside a Slurm job. Slurm's batch
// script itself has a rank but no step.
constexpr Launcher kLaunchers[]{
    {"torchrun", "RANK", "WORLD_SIZE", "LOCAL_RANK", "LOCAL_WORLD_SIZE", {"", ""}},
    {"mpirun",
     "OMPI_COMM_WORLD_RANK",
     "OMPI_COMM_WORLD_SIZE",
     "OMPI_COMM_WORLD_LOCAL_RANK",
     "OMPI_COMM_WORLD_LOCAL_SIZE",
     {"PMIX_NAMESPACE", ""}},
    {"srun", "SLURM_PROCID", "SLURM_STEP_NUM_TASKS", "SLURM_LOCALID", "", {"SLURM_JOB_ID", "SLURM_STEP_ID"}},
    {"mpiexec", "PMI_RANK", "PMI_SIZE", "MPI_LOCALRANKID", "MPI_LOCALNRANKS", {"", ""}}};

std::optional<std::string> text(const Environment& variable, const char* name) {
  const char* value = *name ? variable(name) : nullptr;
  return value && *value ? std::optional<std::string>(value) : std::nullopt;
}

int64_t number(const std::string& name, const std::string& value) {
  if (const auto result = parse_number<int64_t>(value); result && *result >= 0) return *result;
  throw ConfigError("environment variable " + name + " is '" + value + "': expected a whole number");
}

std::optional<int64_t> number(const Environment& variable, const char* name) {
  const auto value = text(variable, name);
  return value ? std::optional(number(name, *value)) : std::nullopt;
}

std::string address(const Environment& variable, const Launcher& launcher, int64_t size) {
  if (const auto given = text(variable, "MASTER_ADDR")) return *given;
  if (const auto hosts = text(variable, "SLURM_STEP_NODELIST")) return first_host(*hosts);
  if (number(variable, launcher.local_size) == size) return "127.0.0.1";
  throw ConfigError(std::string("environment variable MASTER_ADDR is not set, and ") + launcher.name +
                    " does not say where rank 0 runs: expected the name of its machine");
}

int64_t port(const Environment& variable, const Launcher& launcher) {
  constexpr int64_t kUsual = 29500, kFirst = 20000, kPorts = 10000, kHighest = 65535;
  if (const auto given = number(variable, "MASTER_PORT")) {
    if (*given > 0 && *given <= kHighest) return *given;
    throw ConfigError("environment variable MASTER_PORT is " + std::to_string(*given) +
                      ": expected a port from 1 to " + std::to_string(kHighest));
  }
  std::string job;
  for (const char* name : launcher.job) job += text(variable, name).value_or("") + ".";
  return job == ".." ? kUsual : kFirst + static_cast<int64_t>(derive_seed(0, job) % kPorts);
}

}  // namespace

std::string first_host(const std::string& slurm_list) {
  std::string host;
  for (size_t i = 0; i < slurm_list.size() && slurm_list[i] != ','; ++i) {
    if (slurm_list[i] != '[') {
      host += slurm_list[i];
      continue;
    }
    const size_t end = slurm_list.find_first_of("-,]", i + 1);
    host += slurm_list.substr(i + 1, end - i - 1);
    i = slurm_list.find(']', i);
    if (i == std::string::npos) break;
  }
  return host;
}

std::optional<Launch> find_launch(const Environment& variable) {
  for (const Launcher& launcher : kLaunchers) {
    // One alone is not the launcher's, whatever it holds.
    if (!text(variable, launcher.rank) || !text(variable, launcher.size)) continue;
    const auto rank = number(variable, launcher.rank), size = number(variable, launcher.size);
    if (*size < 2) return std::nullopt;
    if (*rank >= *size) {
      throw ConfigError(std::string("environment variable ") + launcher.rank + " is " +
                        std::to_string(*rank) + ", but " + launcher.size + " is " + std::to_string(*size) +
                        ": expected ranks from 0 to " + std::to_string(*size - 1));
    }
    return Launch{.rank = *rank,
                  .size = *size,
                  .local_rank = number(variable, launcher.local_rank),
                  .address = address(variable, launcher, *size),
                  .port = port(variable, launcher),
                  .launcher_serves_store = text(variable, "TORCHELASTIC_USE_AGENT_STORE") == "True",
                  .attempt = text(variable, "TORCHELASTIC_RESTART_COUNT").value_or("0")};
  }
  return std::nullopt;
}

}  // namespace patronus
