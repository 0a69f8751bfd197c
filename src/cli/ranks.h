#pragma once
#include <functional>

#include "commands.h"
#include "patronus/distributed/process_group.h"
#include "trained_run.h"

namespace patronus::cli {

/// Of a launcher's job rank 0 alone talks from here on, but for errors.
void quieten_other_ranks();

/// Does `work` as one rank of the job that a launcher started, or alone without one.
int run_on_ranks(const RuntimeConfig& runtime, const std::function<int(const ProcessGroup&)>& work);

/// Lets the ranks of a launcher's job share what the command does: `analyse`, with the run opened on each
/// rank's own device. All have the same results; rank 0 writes them.
void share_analysis(Invocation& invocation, TrainedRunOptions& run, const std::function<int()>& analyse);

}  // namespace patronus::cli
