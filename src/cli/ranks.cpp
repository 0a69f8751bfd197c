#include "ranks.h"

#include <cstdlib>
#include <optional>

#include "failure.h"
#include "patronus/core/device.h"
#include "patronus/core/error.h"
#include "patronus/core/log.h"
#include "patronus/core/text.h"

namespace patronus::cli {
namespace {

std::optional<Launch> launch() {
  return find_launch([](const char* name) { return std::getenv(name); });
}

/// Leaves the group with an error, which the other ranks receive. Throws it as Error or, if another rank has
/// already failed with the same message, returns the exit status.
int leave(const ProcessGroup& group, const Failure& failure) {
  if (!group.fail(failure.message)) return static_cast<int>(failure.code);
  throw Error(group.is_first() ? failure.message : group.name(group.rank()) + ": " + failure.message,
              failure.code);
}

}  // namespace

void quieten_other_ranks() {
  if (const auto place = launch(); place && place->rank > 0) set_log_level(LogLevel::kError);
}

int run_on_ranks(const RuntimeConfig& runtime, const std::function<int(const ProcessGroup&)>& work) {
  const auto place = launch();
  if (!place) return work(ProcessGroup());
  const at::Device device = select_device(runtime.device);
  set_deterministic(runtime.deterministic, device);  // before the group is created, as NCCL reads it then
  const ProcessGroup group(*place, device, std::chrono::seconds(runtime.rank_timeout_s));
  log_info(pluralize(group.size(), "rank") + " at work; this is " + group.name(group.rank()));
  try {
    const int status = work(group);
    group.barrier();  // rank 0 may write results for a long time
    return status;
  } catch (const LostRankError&) {
    throw;
  } catch (const std::exception& e) {
    return leave(group, failure_of(e));
  }
}

void share_analysis(Invocation& invocation, TrainedRunOptions& run, const std::function<int()>& analyse) {
  invocation.takes_ranks = true;
  invocation.selected = [&invocation, &run, analyse] {
    run.command_line = invocation.command_line;
    const RuntimeConfig runtime = runtime_config(run.settings.all());
    return run_on_ranks(runtime, [&](const ProcessGroup& ranks) {
      run.ranks = ranks;
      if (ranks.size() > 1) {
        const at::Device device = ranks.local_device(select_device(runtime.device));
        run.settings.flags.push_back("runtime.device=" + device.str());
      }
      return analyse();
    });
  };
}

void require_one_process() {
  const auto place = launch();
  if (!place) return;
  throw ConfigError("this command works in one process, but a launcher started " +
                    std::to_string(place->size) + "; run it without torchrun, srun or mpirun");
}

}  // namespace patronus::cli
