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

/// "4-12" for the name of a folder; of many prototypes their number, and what stands for them.
std::string prototypes_in_name(const std::vector<int64_t>& prototypes);

/// `out` if given, else the folder `name` of the run that the model comes from ("sample-without-4-12" of a
/// model without these prototypes); made when it is not there, and gone with this process where it stays
/// empty. Until then no other process writes there: where one does, this waits for it. ConfigError where no
/// results may lie (require_results_folder).
std::filesystem::path output_folder(const std::string& out, const TrainedModel& trained,
                                    const std::string& name);

/// The files that a figure was written to, for a message: "runs/a/manipulate.png, runs/a/manipulate.pdf".
std::string figure_text(const std::filesystem::path& stem, const TrainedModel& trained);

/// Ends an analysis: the first rank writes the results of `command` into the draft of `folder`
/// (io/replace_results.h), `command-<command>.json` beside them, which says how they came about, `more` at
/// its end, and logs `written`. Gives the exit status.
int finish_analysis(const TrainedRunOptions& run, const TrainedModel& trained,
                    const std::filesystem::path& folder, const std::string& command,
                    const std::string& written,
                    const std::function<void(const std::filesystem::path& draft)>& write,
                    const Json& more = Json::object());

/// Logs "wrote WHAT (ema weights of step 2250)".
void log_written(const std::string& what, const TrainedModel& trained);

/// Says how a training in `folder` ended and gives the exit status. `section` holds its settings: "training"
/// or "latent".
int finish_training(const TrainingOutcome& outcome, const std::filesystem::path& folder,
                    const std::string& section);

}  // namespace patronus::cli
