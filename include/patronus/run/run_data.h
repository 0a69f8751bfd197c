#pragma once
#include <functional>
#include <string>

#include "patronus/data/data_report.h"
#include "patronus/run/run_directory.h"

namespace patronus {

/// Saves a description of the run's data set to its `data.json`.
void write_run_data(const RunDirectory& run, const DataReport& report);

/// Throws DataError unless the data set has the identity (data/data_report.h) in the run's `data.json`; the
/// message says what differs and how to continue anyway. Older runs without that file accept any data set.
/// `advice`, if given, is called for what the message proposes first, for example "choose another folder with
/// --run, or ".
void require_same_data(const RunDirectory& run, const DataReport& report,
                       const std::function<std::string()>& advice = {});

/// Lists a data set once per process and caches the result. Throws errors as DataListing.
DataReport cached_data_report(const DataConfig& config);

/// Whether the data set (cached_data_report) has the identity in the run's `data.json`; false without that
/// file.
bool matches_run_data(const RunDirectory& run, const DataConfig& config);

/// Whether the run's `data.json` has the identity of another data set than the one that `report` describes,
/// opened with `config`; false without that file. Warns, once per process, unless it differs in `data.where`
/// alone: other splits share images with the run's training set.
bool warn_of_other_data(const RunDirectory& run, const DataConfig& config, const DataReport& report);

}  // namespace patronus
