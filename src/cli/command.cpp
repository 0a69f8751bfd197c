#include "command.h"

#include <c10/util/StringUtil.h>

#include <map>

#include "patronus/analysis/disable_prototypes.h"
#include "patronus/analysis/edit.h"
#include "patronus/core/config_files.h"
#include "patronus/core/error.h"
#include "patronus/core/interrupt.h"
#include "patronus/core/log.h"
#include "patronus/core/parse_number.h"
#include "patronus/data/image_names.h"
#include "patronus/io/figure.h"
#include "patronus/io/folder_lock.h"
#include "patronus/io/make_folder.h"
#include "patronus/io/replace_results.h"
#include "patronus/run/run_directory.h"

namespace patronus::cli {

namespace fs = std::filesystem;

std::vector<std::string> Settings::all() const {
  std::vector<std::string> settings = implied;
  settings.insert(settings.end(), words.begin(), words.end());
  settings.insert(settings.end(), flags.begin(), flags.end());
  return settings;
}

void add_setting(CLI::App& command, Settings& settings, const std::string& flag, const std::string& key,
                 const std::string& help) {
  command
      .add_option_function<std::string>(
          flag, [&settings, key](const std::string& value) { settings.flags.push_back(key + "=" + value); },
          help + " (" + key + ")")
      ->take_last();
}

void add_runtime_settings(CLI::App& command, Settings& settings) {
  add_setting(command, settings, "--device", "runtime.device", "auto, cpu, cuda or cuda:N");
  add_setting(command, settings, "--threads", "runtime.threads", "CPU threads");
  add_setting(command, settings, "--precision", "runtime.precision", "auto, fp32, tf32 or bf16");
  command.add_option("settings", settings.words, "key=value words that override the configuration");
}

void add_figure_formats(CLI::App& command, Settings& settings) {
  command
      .add_option_function<std::string>(
          "--format",
          [&settings](const std::string& formats) {
            settings.flags.push_back("runtime.figures=[" + formats + "]");
          },
          "of figures: png, pdf or svg, or several, as png,pdf (runtime.figures)")
      ->take_last();
}

void add_sampler_options(CLI::App& command, Settings& settings) {
  command
      .add_option_function<std::string>(
          "--sampler",
          [&settings](const std::string& name) {
            settings.flags.push_back("sampling.sampler=" + name);
            settings.implied.push_back("sampling.steps=0");  // another sampler has its own number of steps
          },
          "ddim, ddpm, dpm-solver or dpm-solver-3 (sampling.sampler)")
      ->take_last();
  add_setting(command, settings, "--steps", "sampling.steps", "denoising steps");
  add_setting(command, settings, "--eta", "sampling.eta", "DDIM's share of fresh noise");
}

void add_regenerate_options(CLI::App& command, RegenerateOptions& options) {
  command.add_option("--steps", options.inversion.steps, "DDIM steps each way")->check(at_least(1));
  add_choice(command, "--inversion", options.inversion.method,
             "refined (until each step is exact), plain (one evaluation a step) or reference");
  command
      .add_option("--tolerance", options.inversion.tolerance,
                  "refined inversion: root mean square by which a step may miss")
      ->check(finite());
  command.add_option("--batch-size", options.batch_size, "images worked on at once")->check(at_least(1));
}

at::Device device_of(const Settings& settings) {
  return load_run_config({}, settings.all()).runtime.apply();
}

void add_range_options(CLI::App& command, PlausibleRangeOptions& options) {
  add_choice(command, "--maximum", options.maximum,
             "the largest activation of each prototype, or of all: prototype or global");
  command.add_option("--quantile", options.quantile,
                     "of the activations taken for the largest; 1 is the maximum");
  command
      .add_option("--subset", options.images, "training images that the largest activation is looked for in")
      ->check(at_least(1));
}

void add_strength(CLI::App& command, RegenerateOptions& options) {
  command.add_option("--strength", options.strength, "guidance along the edit; 1 is none")->check(finite());
}

void add_patch_rule(CLI::App& command, PatchRule& rule) {
  add_choice(command, "--patch", rule, "exact, or paper: one pixel off, as in the paper's figures");
}

void add_noise_choice(CLI::App& command, NoiseChoice& noise) {
  add_choice(command, "--noise", noise,
             "that images begin with: random, or fixed: the same for every activation vector");
}

void add_checkpoint_options(CLI::App& command, TrainedRunOptions& options) {
  command.add_option("--run", options.run, "folder of the run");
  add_config_option(command, options.configs, "configuration whose default run is meant: runs/<name>");
  command.add_option("--checkpoint", options.checkpoint, "a checkpoint other than the run's last one");
  add_choice(command, "--weights", options.weights, "auto (EMA where there is one), ema or raw");
}

void add_trained_run_options(CLI::App& command, TrainedRunOptions& options) {
  add_checkpoint_options(command, options);
  add_setting(command, options.settings, "--data", "data.path", "folder of the data set");
  add_runtime_settings(command, options.settings);
}

void add_analysis_options(CLI::App& command, TrainedRunOptions& options) {
  add_trained_run_options(command, options);
  command.add_option("--disable", options.disable,
                     "prototypes that are taken out, as 12,40: always at their mean over real images");
}

CLI::Option* add_config_option(CLI::App& command, std::vector<std::string>& configs,
                               const std::string& help) {
  return command.add_option("--config", configs, help)->take_all()->allow_extra_args(false);
}

RunConfig configuration(const std::vector<std::string>& configs, const Settings& settings,
                        const fs::path& run) {
  std::vector<fs::path> files;
  for (const auto& name : configs) files.push_back(find_config(name));
  return load_run_config(files, settings.all(), run);
}

fs::path run_folder(const std::string& run, const std::vector<std::string>& configs) {
  // "runs/a/" is "runs/a".
  if (!run.empty()) return fs::path(run).has_filename() ? fs::path(run) : fs::path(run).parent_path();
  std::vector<std::string> names;
  for (const auto& config : configs) {
    const fs::path file = fs::path(config).filename();
    names.push_back((file.extension() == ".yaml" ? file.stem() : file).string());
  }
  if (!names.empty()) return fs::path("runs") / join(names, "-");
  throw ConfigError("which run? give --run runs/<name> or --config <name>");
}

fs::path checkpoint_path(const TrainedRunOptions& options) {
  if (!options.checkpoint.empty()) {
    const fs::path path = named_checkpoint(options.checkpoint);
    if (!fs::exists(path)) throw ConfigError(path.string() + ": no such checkpoint");
    return path;
  }
  if (options.run.empty() && options.configs.empty()) {
    throw ConfigError("which run? give --run runs/<name>, --config <name> or --checkpoint <file>");
  }
  const fs::path run = run_folder(options.run, options.configs);
  if (const auto last = RunDirectory(run).last_checkpoint()) return *last;
  throw ConfigError(run.string() + ": holds no checkpoint; train first, or name another --run");
}

namespace {

void require_condition(const TrainedModel& trained) {
  if (trained.model.unet->is_conditional()) return;
  throw ConfigError(
      trained.checkpoint.string() +
      ": was trained without condition (model.unet.condition: off); its prototypes mean nothing");
}

}  // namespace

TrainedModel open_trained_run(const TrainedRunOptions& options) {
  TrainedModel trained =
      load_trained_model(checkpoint_path(options), options.weights, options.settings.all());
  trained.ranks = options.ranks;
  if (!options.disable.empty()) {
    require_condition(trained);
    disable_prototypes(trained, open_dataset(trained.config.data, Split::kTrain),
                       prototypes_from(options.disable));
  }
  return trained;
}

TrainedModel open_conditional_run(const TrainedRunOptions& options) {
  TrainedModel trained = open_trained_run(options);
  require_condition(trained);
  return trained;
}

void share_analysis(Invocation& invocation, TrainedRunOptions& run, const std::function<int()>& analyse) {
  invocation.takes_ranks = true;
  invocation.selected = [&run, analyse] {
    const RuntimeConfig runtime = load_run_config({}, run.settings.all()).runtime;
    return run_on_ranks(runtime, [&](const ProcessGroup& ranks) {
      run.ranks = ranks;
      if (ranks.size() > 1) {
        const at::Device device = ranks.own_device(select_device(runtime.device));
        run.settings.flags.push_back("runtime.device=" + device.str());
      }
      return analyse();
    });
  };
}

namespace {

/// Keeps other processes from writing into the folder until this one ends.
void lock_until_the_end(const fs::path& folder) {
  static std::map<fs::path, FolderLock> locks;
  locks.try_emplace(fs::canonical(folder), folder, FolderLock::WhenBusy::kWait, "--out");
}

}  // namespace

fs::path output_folder(const std::string& out, const TrainedModel& trained, const std::string& name) {
  const std::string operated = trained.disabled.empty() ? "" : "-without-" + c10::Join("-", trained.disabled);
  const fs::path folder =
      make_folder(out.empty() ? run_of_checkpoint(trained.checkpoint) / (name + operated) : fs::path(out));
  if (trained.ranks.is_first()) lock_until_the_end(folder);
  return folder;
}

fs::path publish_results(const std::string& out, const TrainedModel& trained, const std::string& name,
                         const std::function<void(const fs::path& draft)>& write) {
  const fs::path folder = output_folder(out, trained, name);
  replace_results(folder, name, write);
  return folder;
}

void add_image_source(CLI::App& command, ImageSelection& selection) {
  command.add_option("--images", selection.images, "a folder of images instead of the run's data set");
  add_choice(command, "--split", selection.split, "train, test or validation");
  auto* select =
      command
          .add_option("--select", selection.select, "images by file name or number, as 000123.jpg,000456.jpg")
          ->delimiter(',')
          ->take_all()
          ->allow_extra_args(false);
  command
      .add_option("--where", selection.where,
                  "images by a condition on their attributes, as \"hat=1 and not (smile=1 or frown=1)\"")
      ->excludes(select);
}

void add_image_selection(CLI::App& command, ImageSelection& selection, int64_t default_count) {
  selection.count = default_count;
  add_image_source(command, selection);
  auto* select = command.get_option("--select");
  command.add_option("--first", selection.first, "index of the first image")->excludes(select);
  command
      .add_option("--count", selection.count,
                  default_count == 0 ? "number of images; 0 for all" : "number of images")
      ->excludes(select);
}

ListPart selected_part(const ImageSelection& selection, int64_t size, const std::string& things) {
  const int64_t left = size - selection.first;
  if (selection.first < 0 || left <= 0 || selection.count < 0) {
    throw ConfigError("--first " + std::to_string(selection.first) + " --count " +
                      std::to_string(selection.count) + ": nothing is selected of " + std::to_string(size) +
                      " " + things);
  }
  return {selection.first, selection.count == 0 ? left : std::min(left, selection.count)};
}

namespace {

Dataset images_for_which(const Dataset& images, const std::string& where) {
  const MatchingImages found =
      with_context("--where", [&] { return images_where(images.attributes(), where); });
  log_info("--where " + where + ": " + std::to_string(found.rows.size(0)) + " of " +
           std::to_string(images.size()) + " images" +
           (found.unknown > 0 ? "; unknown of " + std::to_string(found.unknown) : ""));
  return images.subset(found.rows);
}

}  // namespace

Dataset open_split(const TrainedModel& trained, const ImageSelection& selection) {
  const DataConfig& data = trained.config.data;
  const bool is_folder = !selection.images.empty();
  if (!selection.select.empty() && !is_folder) {
    DataListing listing(data);
    const Dataset images = listing.open(selection.split);
    return with_context("--select",
                        [&] { return named_images(images, selection.select, listing, selection.split); });
  }
  const Dataset images =
      is_folder ? open_folder(selection.images, data) : open_dataset(data, selection.split);
  if (!selection.select.empty())
    return with_context("--select", [&] { return named_images(images, selection.select); });
  return selection.where.empty() ? images : images_for_which(images, selection.where);
}

Dataset open_real_images(const TrainedModel& trained, const ImageSelection& selection) {
  try {
    return open_dataset(trained.config.data, Split::kTrain);
  } catch (const DataError& e) {
    if (selection.images.empty()) throw;
    log_warning("the training images are not there (" + std::string(e.what()) + "); " + selection.images +
                " stands in for them");
    return open_folder(selection.images, trained.config.data);
  }
}

SelectedImages open_images(const TrainedModel& trained, const ImageSelection& selection) {
  Dataset dataset = open_split(trained, selection);
  if (!selection.select.empty()) return {dataset, 0, dataset.size()};
  const ListPart part = selected_part(selection, dataset.size(), "images");
  return {dataset, part.first, part.count};
}

int finish_training(const TrainingOutcome& outcome, const fs::path& folder, const std::string& section) {
  const std::string step = "step " + std::to_string(outcome.step);
  switch (outcome.state) {
    case TrainingOutcome::State::kAlreadyDone:
      log_info(folder.string() + " is finished at " + step + "; " + section +
               ".max_steps=" + std::to_string(2 * outcome.step) + " would train on");
      return 0;
    case TrainingOutcome::State::kDone:
      log_info("done at " + step + "; pictures are in " + (folder / "samples").string());
      return 0;
    case TrainingOutcome::State::kInterrupted:
      log_info("interrupted and saved at " + step + "; run the same command again to go on");
      return static_cast<int>(exit_code_of(outcome.signal));
  }
  return 0;
}

CLI::Validator at_least(int64_t least) {
  return CLI::Validator(
      [least](std::string& text) {
        const auto number = number_in<int64_t>(text);
        return number && *number >= least ? std::string()
                                          : "must be at least " + std::to_string(least) + ", got " + text;
      },
      "");
}

std::string figure_text(const fs::path& stem, const TrainedModel& trained) {
  std::vector<std::string> files;
  for (const auto& file : figure_files(stem, trained.config.runtime.figures)) files.push_back(file.string());
  return join(files);
}

void log_written(const std::string& what, const TrainedModel& trained) {
  log_info("wrote " + what + " (" + weights_text(trained) + ")");
}

CLI::Validator finite() {
  return CLI::Validator(
      [](std::string& text) {
        return number_in<double>(text) ? std::string() : "must be a finite number, got " + text;
      },
      "");
}

}  // namespace patronus::cli
