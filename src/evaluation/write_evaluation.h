#pragma once
#include <filesystem>

#include "patronus/evaluation/evaluate.h"

namespace patronus {

/// What all parts of an evaluation have in common: checkpoint, hash of its file (slow for large ones), kind
/// of weights, seed, precision, settings of the data, and the images and labels found with these: the
/// identity and the attributes of all (data_report.h), the fingerprint of the `test` images.
Json evaluation_header(const TrainedModel& trained, const DataListing& data, const Dataset& test);

/// Throws ConfigError if the folder holds parts of the same checkpoint with another seed, precision, kind of
/// weights, data or images, which would be lost.
void require_no_parts_of_others(const std::filesystem::path& folder, const Json& header);

/// Writes the known parts, made by the `command` line, and their `header` to a results folder
/// (io/replace_results.h): `evaluation.json`, `evaluation.md`, tables and figures (evaluate.h). Parts already
/// there stay if the header is the same; else they are removed, and this is logged.
void write_evaluation(const std::filesystem::path& folder, const Json& header, const TrainedModel& trained,
                      const Evaluation& evaluation, const std::string& command);

}  // namespace patronus
