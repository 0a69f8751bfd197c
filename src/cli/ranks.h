#pragma once
#include <functional>

#include "commands.h"
#include "patronus/distributed/process_group.h"
#include "trained_run.h"

namespace patronus::cli {

/// In a launcher's job, limits the log of all ranks but rank 0 to errors.
void quieten_other_ranks();

/// Runs `work` as one rank of a launcher's job, or alone without a launcher. Returns the exit status. If
/// `work` fails, the other ranks fail with its error.
int run_on_ranks(const RuntimeConfig& runtime, const std::function<int(const ProcessGroup&)>& work);

/// Makes the command run `analyse` on all ranks of a launcher's job, each rank with its own device. All ranks
/// compute the same results; rank 0 writes them. `run` must live until `invocation.selected` has run.
void share_analysis(Invocation& invocation, TrainedRunOptions& run, const std::function<int()>& analyse);

}  // namespace patronus::cli
