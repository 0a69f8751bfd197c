#pragma once
#include <filesystem>
#include <functional>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "patronus/io/json_text.h"
#include "patronus/run/trained_model.h"
#include "patronus/training/training_loop.h"
#include "trained_run.h"

namespace patronus::cli {

/// Prototypes as part of a folder name: "4-12" or, if there are too many to list, their number and a hash.
std::string prototypes_in_name(const std::vector<int64_t>& prototypes);

/// Folder for results: `out` if given, else the folder `name` in the run of the model, with a suffix for
/// disabled prototypes ("sample-without-4-12"). Creates it if necessary; removes it when the process ends if
/// it is still empty. Keeps it locked against other processes until then, after waiting for one that holds
/// the lock. Throws as require_results_folder and require_whole_results.
std::filesystem::path output_folder(const std::string& out, const TrainedModel& trained,
                                    const std::string& name);

/// Files of a figure, for a message: "runs/a/manipulate.png, runs/a/manipulate.pdf".
std::string figure_text(const std::filesystem::path& stem, const TrainedModel& trained);

/// Ends an analysis. On the first rank, replaces the results of `command` in `folder` by the files that
/// `write` puts into a draft folder (io/replace_results.h), with `command-<command>.json`, which records
/// command line and model followed by `more`, and logs `written`. Returns the exit status.
int finish_analysis(const TrainedRunOptions& run, const TrainedModel& trained,
                    const std::filesystem::path& folder, const std::string& command,
                    const std::string& written,
                    const std::function<void(const std::filesystem::path& draft)>& write,
                    const Json& more = Json::object());

/// Logs "wrote WHAT (ema weights of step 2250)".
void log_written(const std::string& what, const TrainedModel& trained);

/// Logs how a training in `folder` ended and returns the exit status. `section`: where its settings are,
/// "training" or "latent".
int finish_training(const TrainingOutcome& outcome, const std::filesystem::path& folder,
                    const std::string& section);

}  // namespace patronus::cli
