#include "output.h"

#include <c10/util/StringUtil.h>

#include <cstdlib>
#include <map>
#include <nlohmann/json.hpp>

#include "patronus/analysis/settings_json.h"
#include "patronus/core/interrupt.h"
#include "patronus/core/log.h"
#include "patronus/core/random.h"
#include "patronus/core/text.h"
#include "patronus/core/version.h"
#include "patronus/figures/figure.h"
#include "patronus/io/atomic_file.h"
#include "patronus/io/folder_lock.h"
#include "patronus/io/make_folder.h"
#include "patronus/io/replace_results.h"
#include "patronus/run/run_directory.h"

namespace patronus::cli {

namespace fs = std::filesystem;

namespace {

/// Locks the folder against other processes until this one ends; waits for one that holds the lock.
void lock_until_the_end(const fs::path& folder) {
  static std::map<fs::path, FolderLock> locks;
  if (locks.empty()) std::at_quick_exit([] { locks.clear(); });  // as quick_exit in main skips destructors
  locks.try_emplace(fs::absolute(folder).lexically_normal(), folder, FolderLock::WhenBusy::kWait, "--out");
}

Json command_json(const TrainedRunOptions& run, const TrainedModel& trained) {
  Json json{{"command", run.command_line}, {"version", program_version()}};
  json.update(model_json(trained));
  add_hash(json, "sha256", trained.checkpoint);
  json["precision"] = to_string(trained.precision);
  return json;
}

}  // namespace

std::string prototypes_in_name(const std::vector<int64_t>& prototypes) {
  constexpr size_t kNamed = 20;
  const std::string numbers = c10::Join("-", prototypes);
  if (prototypes.size() <= kNamed) return numbers;
  return std::to_string(prototypes.size()) + "-prototypes-" + hexadecimal(derive_seed(0, numbers));
}

fs::path output_folder(const std::string& out, const TrainedModel& trained, const std::string& name) {
  const std::string without =
      trained.disabled.empty() ? "" : "-without-" + prototypes_in_name(trained.disabled);
  const fs::path folder =
      out.empty() ? run_of_checkpoint(trained.checkpoint) / (name + without) : fs::path(out);
  if (trained.ranks.is_first()) {
    lock_until_the_end(folder);
    require_results_folder(folder);
    require_whole_results(folder);
  }
  trained.ranks.barrier();  // other ranks must not read there while rank 0 waits for a process
  return make_folder(folder);
}

std::string figure_text(const fs::path& stem, const TrainedModel& trained) {
  std::vector<std::string> files;
  for (const auto& file : figure_files(stem, trained.config.runtime.figures)) files.push_back(file.string());
  return join(files);
}

int finish_analysis(const TrainedRunOptions& run, const TrainedModel& trained, const fs::path& folder,
                    const std::string& command, const std::string& written,
                    const std::function<void(const fs::path& draft)>& write, const Json& more) {
  if (!trained.ranks.is_first()) return 0;
  replace_results(folder, command, [&](const fs::path& draft) {
    write(draft);
    Json json = command_json(run, trained);
    json.update(more);
    write_file(draft / ("command-" + command + ".json"), json_text(json));
  });
  log_written(written, trained);
  return 0;
}

void log_written(const std::string& what, const TrainedModel& trained) {
  log_info("wrote " + what + " (" + weights_text(trained) + ")");
}

int finish_training(const TrainingOutcome& outcome, const fs::path& folder, const std::string& section) {
  const std::string step = "step " + std::to_string(outcome.step);
  switch (outcome.state) {
    case TrainingOutcome::State::kAlreadyDone:
      log_info(folder.string() + " is finished at " + step + "; " + section +
               ".max_steps=" + std::to_string(2 * outcome.step) + " would train on");
      return 0;
    case TrainingOutcome::State::kDone:
      log_info("done at " + step +
               (fs::exists(folder / "samples") ? "; pictures are in " + (folder / "samples").string() : ""));
      return 0;
    case TrainingOutcome::State::kInterrupted:
      log_info("interrupted and saved at " + step + "; run the same command again to go on");
      return static_cast<int>(exit_code_of(outcome.signal));
  }
  return 0;
}

}  // namespace patronus::cli
