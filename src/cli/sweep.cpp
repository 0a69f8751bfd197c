#include "patronus/sweep/sweep.h"

#include <iostream>
#include <numeric>

#include "command.h"
#include "options.h"
#include "patronus/core/error.h"
#include "patronus/core/interrupt.h"
#include "patronus/core/log.h"
#include "patronus/core/text.h"
#include "patronus/io/make_folder.h"
#include "patronus/sweep/run_sweep.h"
#include "patronus/sweep/sweep_results.h"
#include "settings.h"

namespace patronus::cli {
namespace {

namespace fs = std::filesystem;

struct SweepCommand {
  std::string file;
  std::string out;
  int64_t jobs = 1;
  std::vector<int64_t> indices;
  bool dry_run = false;
  bool table = false;
  Settings settings;
};

/// Indices of the points selected with --index, or of all points. Throws ConfigError for an index that is too
/// large.
std::vector<int64_t> chosen_points(const SweepCommand& o, const SweepPlan& sweep) {
  const auto count = std::ssize(sweep.points);
  for (const int64_t index : o.indices) {
    if (index < count) continue;
    throw ConfigError("--index " + std::to_string(index) + ": the sweep has " + pluralize(count, "point") +
                      ", numbered from 0");
  }
  if (!o.indices.empty()) return o.indices;
  std::vector<int64_t> all(static_cast<size_t>(count));
  std::iota(all.begin(), all.end(), 0);
  return all;
}

/// Throws ConfigError if the program cannot parse one of the sweep's commands, before hours of training. Each
/// command is checked for the first and the last point.
void check_commands(const SweepPlan& sweep, const fs::path& folder) {
  for (size_t i = 0; i < sweep.commands.size(); ++i) {
    const auto& command = sweep.commands[i];
    for (const auto* point : {&sweep.points.front(), &sweep.points.back()}) {
      with_context(sweep.command_positions[i] + "command " + join(command, " "), [&] {
        Invocation parsed;
        parse_command_line(command_arguments(command, *point, folder), parsed);
      });
    }
  }
}

void print_points(const SweepPlan& sweep, const std::vector<int64_t>& points, const fs::path& folder) {
  for (const int64_t index : points) {
    const SweepPoint& point = sweep.points[index];
    std::cout << index << "  " << point.name << (is_done(sweep, point, folder) ? "  done" : "") << "\n";
  }
}

/// Throws ConfigError for a folder with tables that no sweep wrote.
void require_own_folder(const fs::path& folder) {
  for (const char* file : {"points.csv", "sweep.md"}) {
    if (fs::exists(folder / file) && !fs::exists(folder / "logs"))
      throw ConfigError((folder / file).string() + ": is there, and not of a sweep; choose another --out");
  }
}

void write_results(const SweepPlan& sweep, const fs::path& folder) {
  write_sweep_results(sweep, make_folder(folder));
  log_info("wrote " + (folder / (sweep.columns.empty() ? "points.csv" : "sweep.md")).string());
}

int finish_sweep(const SweepOutcome& outcome, size_t points) {
  if (outcome.signal != 0) {
    log_info("interrupted and saved; run the same command again to go on");
    return static_cast<int>(exit_code_of(outcome.signal));
  }
  if (outcome.failed.empty()) return 0;
  throw Error(std::to_string(outcome.failed.size()) + " of " + std::to_string(points) +
              " points failed: " + join(outcome.failed) + "; the same command tries them again");
}

int run_sweep_command(const SweepCommand& o) {
  const SweepPlan sweep = read_sweep(find_sweep(o.file), o.settings.all());
  const auto points = chosen_points(o, sweep);
  const fs::path folder = o.out.empty() ? fs::path("runs") / sweep.name : fs::path(o.out);
  check_commands(sweep, folder);
  require_own_folder(folder);
  if (o.dry_run) {
    print_points(sweep, points, folder);
    return 0;
  }
  SweepOutcome outcome;
  if (!o.table) outcome = run_sweep(sweep, points, folder, o.jobs);
  if (o.indices.empty()) {
    write_results(sweep, folder);
  } else {
    log_info("the table of all points is written by the same command with --table, without --index");
  }
  return finish_sweep(outcome, points.size());
}

}  // namespace

void add_sweep(CLI::App& app, Invocation& invocation) {
  auto o = std::make_shared<SweepCommand>();
  auto* cmd = app.add_subcommand(
      "sweep",
      "Train many settings, analyse each run and tabulate the results; repeat the command to resume");
  cmd->footer(
      "Examples: patronus sweep table-4 --data ~/celeba\n"
      "          patronus sweep table-4 --data ~/celeba --index 3\n"
      "          patronus sweep distinct-loss --from runs/celeba --jobs 2");
  cmd->add_option("file", o->file, "sweep file, or name of a shipped one")->required();
  cmd->add_option("--out", o->out, "folder for the runs and the table (default runs/<name of the file>)");
  cmd->add_option("--jobs", o->jobs, "points to run at once")->check(at_least(1));
  auto* index = cmd->add_option("--index", o->indices, "only these points, e.g. 0,3")
                    ->delimiter(',')
                    ->allow_extra_args(false)
                    ->check(at_least(0));
  auto* table = cmd->add_flag("--table", o->table, "only write the table of existing results");
  cmd->add_flag("--dry-run", o->dry_run, "list the points and whether they are done, and stop");
  table->excludes(index);
  add_setting(*cmd, o->settings, "--from", "training.from",
              "start from the weights and settings of this run or checkpoint");
  add_setting(*cmd, o->settings, "--data", "data.path", "folder of the data set");
  add_setting(*cmd, o->settings, "--where", "data.where", "images whose attributes meet a condition");
  cmd->add_option("settings", o->settings.words, "key=value pairs that override the settings of all points");
  cmd->callback([o, &invocation] { invocation.selected = [o] { return run_sweep_command(*o); }; });
}

}  // namespace patronus::cli
