#pragma once
#include "patronus/data/data_report.h"
#include "patronus/run/run_directory.h"

namespace patronus {

/// Keeps what the run's data set is in its `data.json`.
void write_run_data(const RunDirectory& run, const DataReport& report);

/// DataError saying what differs, and how to go on all the same, unless the data set has the identity
/// (data/data_report.h) that the run's `data.json` holds. A run without that file, as earlier ones,
/// takes any.
void require_same_data(const RunDirectory& run, const DataReport& report);

}  // namespace patronus
