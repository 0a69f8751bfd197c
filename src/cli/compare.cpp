#include <algorithm>
#include <set>

#include "command.h"
#include "options.h"
#include "output.h"
#include "patronus/analysis/compare_runs.h"
#include "patronus/core/error.h"
#include "patronus/core/log.h"
#include "patronus/core/random.h"
#include "patronus/core/text.h"
#include "patronus/run/initial_prototypes.h"
#include "patronus/run/run_directory.h"
#include "ranks.h"
#include "trained_run.h"

namespace patronus::cli {

namespace fs = std::filesystem;

namespace {

struct CompareCommand {
  TrainedRunOptions run;
  std::vector<std::string> with;
  Split split = Split::kTest;
  int64_t images = 1000;
  CompareOptions options;
  std::string out;
};

constexpr int64_t kMinImages = 10;

/// The reference's checkpoint, and those that --with names; ConfigError for one that is there already.
std::vector<fs::path> compared_checkpoints(const CompareCommand& o, const TrainedModel& trained) {
  if (o.with.empty()) throw ConfigError("--with: expected another run, or a checkpoint");
  std::vector<fs::path> all{trained.checkpoint};
  for (const auto& word : o.with) {
    const fs::path checkpoint = agreed_checkpoint(o.run.ranks, "--with", word);
    std::error_code absent;
    if (std::ranges::any_of(all,
                            [&](const auto& path) { return fs::equivalent(path, checkpoint, absent); })) {
      throw ConfigError("--with " + word + ": " + checkpoint.string() +
                        " is compared already; name every run once, and --run not again");
    }
    all.push_back(checkpoint);
  }
  return all;
}

bool all_differ(const std::vector<std::string>& names) {
  return std::set(names.begin(), names.end()).size() == names.size();
}

/// What to call the models of these checkpoints: by the names of their runs' folders where these differ, or
/// else by the folders, or by the checkpoints.
std::vector<std::string> model_names(const std::vector<fs::path>& checkpoints) {
  std::vector<std::string> names, folders, files;
  for (const auto& checkpoint : checkpoints) {
    const fs::path run = run_of_checkpoint(checkpoint);
    names.push_back(fs::absolute(run / "").lexically_normal().parent_path().filename().string());
    folders.push_back(run.string());
    files.push_back(checkpoint.string());
  }
  return all_differ(names) ? names : all_differ(folders) ? folders : files;
}

/// The images on which models are compared: the same ones for all runs of a data set.
Dataset drawn_images(const CompareCommand& o, const TrainedModel& trained) {
  const Dataset all = open_run_split(trained, o.split);
  if (all.size() < kMinImages) {
    throw ConfigError("the " + to_string(o.split) + " split has " + pluralize(all.size(), "image") +
                      "; a comparison takes at least " + std::to_string(kMinImages) +
                      "; choose another with --split");
  }
  if (all.size() < o.images) {
    log_info("only " + std::to_string(all.size()) + " of " + std::to_string(o.images) +
             " images (--images) are there");
  }
  return all.subset(draw_common_indices(all.size(), o.images, "comparison of runs"));
}

ComparedModel untrained_of(const TrainedModel& trained, const Dataset& images) {
  TrainedModel start = trained;
  start.model = untrained_model(trained, open_dataset(trained.config.data, Split::kTrain));
  start.checkpoint.clear();
  start.names = {};
  return compared_model(start, "untrained encoder", images);
}

int run_compare(const CompareCommand& o) {
  const TrainedModel trained = open_conditional_run(o.run);
  const auto checkpoints = compared_checkpoints(o, trained);
  const auto names = model_names(checkpoints);
  const auto folder = output_folder(o.out, trained, "compare");
  const Dataset images = drawn_images(o, trained);
  std::vector<ComparedModel> others;
  for (size_t i = 1; i < checkpoints.size(); ++i) {
    const TrainedModel other = open_another_run(trained, checkpoints[i], o.run.weights);
    require_same_images(trained, other);
    others.push_back(compared_model(other, names[i], images));
  }
  const RunComparison comparison = compare_models(compared_model(trained, names[0], images), others,
                                                  untrained_of(trained, images), o.options);
  return finish_analysis(
      o.run, trained, folder, "compare", (folder / "compare.md").string() + " and compare.png",
      [&](const auto& draft) { write_comparison(draft, trained, comparison, images, o.split); });
}

/// Moves the words key=value behind --with, which takes all words up to the next option, to the settings.
void separate_settings(CompareCommand& o) {
  const auto is_setting = [](const std::string& word) {
    return word.find('=') != std::string::npos && !fs::exists(word);
  };
  std::ranges::copy_if(o.with, std::back_inserter(o.run.settings.words), is_setting);
  std::erase_if(o.with, is_setting);
}

}  // namespace

void add_compare(CLI::App& app, Invocation& invocation) {
  auto o = std::make_shared<CompareCommand>();
  auto* cmd = app.add_subcommand("compare", "Find a run's prototypes again in other runs");
  cmd->footer(
      "Examples: patronus compare --run runs/demo --with runs/demo-seed-1 runs/demo-seed-2\n"
      "          patronus compare --run runs/demo --with runs/demo/checkpoints/step-0001000.pt");
  add_trained_run_options(*cmd, o->run);
  add_figure_formats(*cmd, o->run.settings);
  cmd->add_option("--with", o->with, "other runs, or checkpoints (.pt), to find the prototypes in")
      ->required();
  add_choice(*cmd, "--split", o->split, "train, test or validation: where the images come from");
  cmd->add_option("--images", o->images, "number of random images to compare activations on")
      ->check(at_least(kMinImages));
  cmd->add_option("--at-least", o->options.at_least,
                  "Spearman correlation from which a prototype counts as found again")
      ->check(finite(0, 1));
  add_out(*cmd, o->out, "results", "compare");
  cmd->callback([o, &invocation] {
    separate_settings(*o);
    share_analysis(invocation, o->run, [o] { return run_compare(*o); });
  });
}

}  // namespace patronus::cli
