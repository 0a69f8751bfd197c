#pragma once
#include "patronus/data/data_report.h"
#include "patronus/run/run_directory.h"

namespace patronus {

/// Keeps what the run's data set is in its `data.json`.
void write_run_data(const RunDirectory& run, const DataReport& report);

/// DataError saying what differs, and how to go on all the same, unless the data set has the identity
/// (data/data_report.h) that the run's `data.json` holds. A run without that file, as earlier ones,
/// takes any. `advice`: what the error proposes before that: "choose another folder with --run, or ".
void require_same_data(const RunDirectory& run, const DataReport& report, const std::string& advice = {});

/// Lists a data set, the first time that the process asks for it. Errors as DataListing's.
DataReport listed_data(const DataConfig& config);

/// Whether the data set (listed_data) has the identity that the run's `data.json` holds; false where there is
/// no such file.
bool is_data_of(const RunDirectory& run, const DataConfig& config);

}  // namespace patronus
